// What the compiler must know about contracts written in TypeScript: compiled with the tests, never run.
import {
  bool,
  bytes,
  enumeration,
  field,
  type InitOf,
  int32,
  int64,
  type MessageOf,
  type Method,
  map,
  message,
  oneof,
  optional,
  repeated,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";
import { assertType, type Same } from "./contract.ts";

const Color = enumeration("t.Color", { RED: 0, GREEN: 1 });
const Entry = message("t.Entry", { name: string(1), isDirectory: bool(2), size: int64(3) });
const Everything = message("t.Everything", {
  note: optional(string(1)),
  entry: field(Entry, 2),
  entries: repeated(field(Entry, 3)),
  color: field(Color, 4),
  colors: repeated(field(Color, 5)),
  sizes: map(string, int64(6)),
  names: map(int64, string(7)),
  shape: oneof({ entry: field(Entry, 8), data: bytes(9), big: int64(10) }),
});

type EntryValue = { name: string; isDirectory: boolean; size: bigint; $unknown?: Uint8Array };
type EntryInit = {
  readonly name?: string | undefined;
  readonly isDirectory?: boolean | undefined;
  readonly size?: bigint | number | undefined;
  readonly $unknown?: Uint8Array | undefined;
};
assertType<Same<MessageOf<typeof Entry>, EntryValue>>();
assertType<Same<InitOf<typeof Entry>, EntryInit>>();

type Value = MessageOf<typeof Everything>;
assertType<Same<Value["note"], string | undefined>>();
assertType<Same<Value["entry"], EntryValue | undefined>>();
assertType<Same<Value["entries"], EntryValue[]>>();
assertType<Same<Value["color"], "RED" | "GREEN" | number>>();
assertType<Same<Value["colors"], ("RED" | "GREEN" | number)[]>>();
assertType<Same<Value["sizes"], Map<string, bigint>>>();
assertType<Same<Value["names"], Map<bigint, string>>>();
assertType<
  Same<
    Value["shape"],
    | { kind: "entry"; value: EntryValue }
    | { kind: "data"; value: Uint8Array }
    | { kind: "big"; value: bigint }
    | undefined
  >
>();

export const accepted: InitOf<typeof Everything>[] = [
  {},
  { note: undefined, entry: { size: 5 }, entries: [{ name: "a" }, {}], color: "GREEN", colors: [7, "RED"] },
  { sizes: { a: 1, b: 2n }, names: new Map([[1n, "x"]]), shape: { kind: "big", value: 1 } },
  { names: new Map([[1, "x"]]), sizes: new Map([["a", 1]]) },
  Everything.decode(new Uint8Array(0)),
  Everything.create({ entries: Object.freeze([{ name: "frozen" }]) }),
];

// @ts-expect-error a misspelt field
Everything.encode({ notes: "x" });
// @ts-expect-error a number for a string
Everything.encode({ note: 5 });
// @ts-expect-error an enum's unknown name
Everything.encode({ color: "BLUE" });
// @ts-expect-error a oneof's unknown kind
Everything.encode({ shape: { kind: "none", value: 1 } });
// @ts-expect-error a oneof's value of another field
Everything.encode({ shape: { kind: "entry", value: new Uint8Array(0) } });
// @ts-expect-error D9: a function is no message
Everything.encode({ entry: () => {} });
// @ts-expect-error a map's wrong value
Everything.encode({ sizes: { a: "1" } });
// @ts-expect-error null is not absence
Everything.encode({ note: null });
// @ts-expect-error a field without a number
message("t.Bad", { name: string });
// @ts-expect-error a list within a list
repeated(repeated(int32(1)));
// @ts-expect-error an optional list
optional(repeated(int32(1)));
// @ts-expect-error floats are no keys
map(bytes, int32(1));
// @ts-expect-error a list in a oneof
oneof({ many: repeated(int32(1)) });
// @ts-expect-error a service of no messages
service("t.Bad", { call: unary(Color, Entry) });

const Directories = service("t.Directories", {
  get: unary(Entry, Everything),
  watch: serverStream(Everything, Entry, { idempotency: "no-side-effects" }),
});
assertType<Same<(typeof Directories)["methods"]["get"], Method<"unary", typeof Entry, typeof Everything>>>();
assertType<Same<(typeof Directories)["methods"]["watch"]["callKind"], "serverStream">>();
assertType<Same<MessageOf<(typeof Directories)["methods"]["watch"]["output"]>, EntryValue>>();
