// Values that types of one kind or another cannot hold, and the code with which each kind refuses them.
import { type Kind, kinds } from "./check-kinds.ts";

/** A value, what it is called, and the kinds that take it. */
export interface Wrong {
  readonly title: string;
  readonly value: unknown;
  /** The code by the name of a kind; undefined: the kind takes it. */
  code(kind: Kind): string | undefined;
}

export class Live {
  name = "a";
  act(): void {}
}

const isLeaf = ({ proto }: Kind): boolean => proto === "Leaf";
export const leafKind = kinds.find(({ name }) => name === "leaf") as Kind;
const isEnum = ({ name }: Kind): boolean => name === "colour" || name === "shade";
const isFloat = ({ name }: Kind): boolean => name === "float" || name === "double";
const isInt32 = ({ name }: Kind): boolean => /^(int32|sint32|sfixed32)$/.test(name);
const isUint32 = ({ name }: Kind): boolean => /^(uint32|fixed32)$/.test(name);
const isInt64 = ({ name }: Kind): boolean => /^(int64|sint64|sfixed64)$/.test(name);
const isUint64 = ({ name }: Kind): boolean => /^(uint64|fixed64)$/.test(name);
const isLong = (kind: Kind): boolean =>
  isInt64(kind) || isUint64(kind) || kind.name === "safe" || kind.name === "digits";
const isSmall = (kind: Kind): boolean => isInt32(kind) || isUint32(kind);

/** An object that scalars refuse as one of the wrong type, and messages as one that is not plain data. */
const live = (title: string, value: unknown): Wrong => ({
  title,
  value,
  code: (kind) => (isLeaf(kind) ? "live-object" : "wrong-type"),
});

const text = (title: string, value: string): Wrong => ({
  title,
  value,
  code: (kind) => (kind.name === "string" ? undefined : isEnum(kind) ? "unknown-name" : "wrong-type"),
});

/** A number that is no integer, or one that no integer type has. */
const oddNumber = (title: string, value: number): Wrong => ({
  title,
  value,
  code: (kind) => {
    if (isFloat(kind)) return undefined;
    return isSmall(kind) || isLong(kind) || isEnum(kind) ? "out-of-range" : "wrong-type";
  },
});

/** A whole number, which one or the other integer type has. */
const integer = (value: number | bigint, fits: (kind: Kind) => boolean): Wrong => ({
  title: `${value}${typeof value === "bigint" ? "n" : ""}`,
  value,
  code: (kind) => {
    if (fits(kind)) return undefined;
    if (isLong(kind)) return "out-of-range";
    if (typeof value === "bigint") return "wrong-type";
    if (isFloat(kind)) return undefined;
    if (kind.name === "shade" && (value | 0) === value) return "unknown-name";
    return isSmall(kind) || isEnum(kind) ? "out-of-range" : "wrong-type";
  },
});

export const wrongs: readonly Wrong[] = [
  text("a text", "x"),
  text("an empty text", ""),
  text("digits and more", "5x"),
  text("the name of a part of every object", "constructor"),
  {
    title: "half of a surrogate pair",
    value: "a\ud800",
    code: (kind) => (kind.name === "string" ? "lone-surrogate" : isEnum(kind) ? "unknown-name" : "wrong-type"),
  },
  { title: "true", value: true, code: ({ name }) => (name === "bool" ? undefined : "wrong-type") },
  { title: "null", value: null, code: () => "wrong-type" },
  { title: "undefined", value: undefined, code: () => "wrong-type" },
  { title: "a symbol", value: Symbol("s"), code: () => "wrong-type" },
  { title: "an array", value: [], code: () => "wrong-type" },
  { title: "an array of one", value: ["5"], code: () => "wrong-type" },
  { title: "a plain object", value: {}, code: (kind) => (isLeaf(kind) ? undefined : "wrong-type") },
  {
    title: "an object without a prototype",
    value: Object.create(null),
    code: (kind) => (isLeaf(kind) ? undefined : "wrong-type"),
  },
  {
    title: "bytes",
    value: Uint8Array.of(1),
    code: (kind) => (kind.name === "bytes" ? undefined : live("", 0).code(kind)),
  },
  live("a function", () => 5),
  live("a class", Live),
  live("an instance of a class", new Live()),
  live("a promise", Promise.resolve(5)),
  live("a date", new Date(0)),
  live("a map", new Map()),
  live("an array buffer", new ArrayBuffer(1)),
  live("numbers of another width", Uint16Array.of(1)),
  live("a text that is an object", new String("RED")),
  live("a number that is an object", new Number(1)),
  live("an error", new Error("e")),
  live("a proxy of an instance", new Proxy(new Live(), {})),
  live("a stream", new ReadableStream()),
  live("a signal", new AbortController().signal),
  oddNumber("a fraction", 1.5),
  oddNumber("NaN", Number.NaN),
  oddNumber("infinity", Number.POSITIVE_INFINITY),
  {
    title: "a number beyond singles",
    value: 3.5e38,
    code: (kind) => {
      if (kind.name === "double") return undefined;
      return kind.name === "float" || isSmall(kind) || isLong(kind) || isEnum(kind) ? "out-of-range" : "wrong-type";
    },
  },
  integer(-1, (kind) => isInt32(kind) || isInt64(kind) || kind.name === "safe" || kind.name === "colour"),
  integer(2 ** 31, (kind) => isUint32(kind) || isLong(kind)),
  integer(-(2 ** 31) - 1, (kind) => isInt64(kind) || kind.name === "safe"),
  integer(2 ** 32, isLong),
  integer(2 ** 53, () => false),
  integer(-(2 ** 53), () => false),
  integer(1n, isLong),
  integer(-1n, (kind) => isInt64(kind) || kind.name === "safe"),
  integer(2n ** 53n, (kind) => isLong(kind) && kind.name !== "safe"),
  integer(2n ** 63n, (kind) => isUint64(kind) || kind.name === "digits"),
  integer(-(2n ** 63n) - 1n, () => false),
  integer(2n ** 64n, () => false),
];
