// Benchmark, size: a contract as large ones are: a hundred methods, each with messages of its own. Names differ as they do
// in life: a text that repeats itself would gzip to nothing.

const nouns =
  "account address basket branch cargo carrier claim coupon courier credit crew depot driver fleet invoice item";
const verbs = "Accept Archive Assign Cancel Close Count Create Delete Find Import List Merge Move Open Renew Report";
const words =
  "amount begin colour country currency depth email expiry grade height label language limit note owner phone";

/** Methods of the service. */
export const methodCount = 100;

function pick(list: string, index: number): string {
  const all = list.split(" ");
  return all[index % all.length] as string;
}

function upper(word: string): string {
  return word.replace(/^./, (letter) => letter.toUpperCase());
}

/** The name of method `index`: `CancelCreditFleet3`. */
export function methodName(index: number): string {
  return `${pick(verbs, index * 3)}${upper(pick(nouns, index * 7))}${upper(pick(nouns, index + 11))}${index}`;
}

/** The fields of a message: names and types follow from `seed`. */
function fields(seed: number, count: number): string {
  const types = [
    "string",
    "int64",
    "bool",
    "double",
    "repeated string",
    "optional int32",
    "bytes",
    "map<string, int32>",
  ];
  return Array.from({ length: count }, (_, at) => {
    const name = `${pick(words, seed * 5 + at * 3)}_${pick(nouns, seed * 11 + at)}_${at}`;
    return `  ${types[(seed + at * 3) % types.length]} ${name} = ${at + 1};`;
  }).join("\n");
}

function messages(index: number): string {
  const name = methodName(index);
  const parts = `${upper(pick(nouns, index * 5))}Part${index}`;
  return `message ${parts} {\n${fields(index + 1, 4)}\n}
enum ${name}Kind { ${name.toUpperCase()}_UNSPECIFIED = 0; ${name.toUpperCase()}_${pick(words, index).toUpperCase()} = 1; }
message ${name}Request {\n${fields(index + 2, 7)}\n  ${name}Kind kind = 20;\n  ${parts} part = 21;\n}
message ${name}Reply {\n${fields(index + 3, 5)}\n  repeated ${parts} parts = 20;\n}`;
}

/** The contract as a `.proto`. */
export function contractText(): string {
  const indices = Array.from({ length: methodCount }, (_, index) => index);
  const methods = indices.map(methodName).map((name) => `  rpc ${name}(${name}Request) returns (${name}Reply);`);
  return `syntax = "proto3";\npackage logistics;\n${indices.map(messages).join("\n")}
service Logistics {\n${methods.join("\n")}\n}\n`;
}
