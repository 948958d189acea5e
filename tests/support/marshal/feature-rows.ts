// Rows of the contract in `features.ts`: bytes, and what they are read as. They follow from protobuf.dev, "Encoding".
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const item = (id: number, name?: string) => ({ id, name });

/** One message. */
export interface FeatureRow {
  readonly title: string;
  readonly hex: string;
  /** Only the fields that are set. */
  readonly read: object;
  /** Default "old.Order". */
  readonly type?: string;
  /** What is written of it. Default: `hex`. */
  readonly written?: string;
}

export const featureRows: readonly FeatureRow[] = [
  { title: "an empty group", hex: "0b0c", read: { place: { city: undefined, inner: undefined, order: undefined } } },
  {
    title: "a group within a group of another number",
    hex: "0b" + "12024142" + "1b" + "0805" + "1c" + "0c",
    read: { place: { city: "AB", inner: { depth: 5 }, order: undefined } },
  },
  {
    title: "a group within a message within a group of the same number",
    hex: "0b" + "2204" + "3005" + "3005" + "0c",
    read: { place: { city: undefined, inner: undefined, order: { grade: "HIGH" } } },
    written: "0b" + "2202" + "3005" + "0c",
  },
  {
    title: "a group that comes twice is merged",
    hex: "0b1201410c" + "0b1b08011c0c" + "0b1b1c0c",
    read: { place: { city: "A", inner: { depth: 1 }, order: undefined } },
    written: "0b120141" + "1b08011c" + "0c",
  },
  {
    title: "unknown fields and groups within a group are kept in it",
    hex: `0bc03e01${"cb3e08010bcc3e".replace("0b", "")}0c`,
    read: {
      place: { city: undefined, inner: undefined, order: undefined, $unknown: bytesOf("c03e01cb3e0801cc3e") },
    },
  },
  { title: "a list of groups", hex: "2b08012c2b08022c", read: { line: [{ count: 1 }, { count: 2 }] } },
  {
    title: "a group in a oneof, merged",
    hex: "5b0a01615c" + "5b5c",
    read: { choice: { kind: "nested", value: { text: "a" } } },
    written: "5b0a01615c",
  },
  {
    title: "a length where a group is declared is an unknown field",
    hex: "0a021241",
    read: { $unknown: bytesOf("0a021241") },
  },
  { title: "a known number of a closed enum", hex: "30ffffffffffffffffff01", read: { grade: "LOW" } },
  { title: "a number with two names is read by the first", hex: "3005", read: { grade: "HIGH" } },
  { title: "a number that a closed enum lacks is an unknown field", hex: "3007", read: { $unknown: bytesOf("3007") } },
  {
    title: "a number that a closed enum lacks leaves the value that came before",
    hex: "30053007",
    read: { grade: "HIGH", $unknown: bytesOf("3007") },
  },
  {
    title: "in a list only the unknown elements are unknown fields, as they came",
    hex: "3805" + "38878000" + "38ffffffffffffffffff01",
    read: { grades: ["HIGH", "LOW"], $unknown: bytesOf("38878000") },
    written: "3805" + "38ffffffffffffffffff01" + "38878000",
  },
  {
    title: "in a packed run each unknown element is an unknown field",
    hex: "4205" + "05" + "8700" + "05" + "08",
    read: { packedGrades: ["HIGH", "HIGH"], $unknown: bytesOf("4087004008") },
    written: "42020505" + "408700" + "4008",
  },
  {
    title: "a packed run where a list is declared, and the other way round",
    hex: "3a020507" + "4005" + "4006",
    read: { grades: ["HIGH"], packedGrades: ["HIGH"], $unknown: bytesOf("38074006") },
    written: "3805" + "420105" + "38074006",
  },
  {
    title: "a map's entry whose value the enum lacks is an unknown field, whole",
    hex: "4a050a01611005" + "4a050a01621007",
    read: { byName: new Map([["a", "HIGH"]]), $unknown: bytesOf("4a050a01621007") },
  },
  {
    title: "a map's entry without value has the enum's first",
    hex: "4a030a0161",
    read: { byName: new Map([["a", "LOW"]]) },
    written: "4a050a01611000",
  },
  {
    title: "a oneof's enum with an unknown number leaves the oneof alone",
    hex: "5005" + "5007",
    read: { choice: { kind: "chosen", value: "HIGH" }, $unknown: bytesOf("5007") },
  },
  { title: "a field with a declared default is not set", hex: "", read: {} },
  {
    title: "a declared default that is set is written",
    hex: "8001508a0109" + "6c6f63616c686f7374",
    read: { port: 80, host: "localhost" },
  },
  {
    title: "required fields of a message that comes in parts",
    hex: "6a03120161" + "6a020805",
    read: { one: item(5, "a") },
    written: "6a050805120161",
  },
  {
    title: "repeated numbers of proto2 are written one by one, and read packed",
    hex: "ba01020102",
    read: { numbers: [1, 2] },
    written: "b80101b80102",
  },
  {
    title: "delimited by a feature, at any depth, also without length to merge",
    type: "late.Tree",
    hex: "0b" + "0b" + "2001" + "0c" + "2002" + "0c" + "13" + "2003" + "14" + "2004",
    read: { left: { left: { needed: 1 }, needed: 2 }, right: [{ needed: 3 }], needed: 4 },
  },
  {
    title: "the values of a map keep their length",
    type: "late.Tree",
    hex: "2001" + "2a070a0161" + "12022002",
    read: { needed: 1, named: new Map([["a", { needed: 2 }]]) },
  },
  {
    title: "messages of another file, delimited and with a length",
    type: "late.Tree",
    hex: "2001" + "3308053" + "4" + "3a020806" + "4308074" + "4",
    read: { needed: 1, item: item(5), sized: item(6), choice: { kind: "far", value: item(7) } },
  },
];
