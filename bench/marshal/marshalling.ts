// Benchmark, marshalling: encoding and decoding messages, ours beside other toolkits in the same process.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  bool,
  bytes,
  double,
  field,
  fixed64,
  int32,
  int64,
  map,
  message,
  repeated,
  sint32,
  string,
  uint32,
  uint64,
} from "farcall/idl";
import type { MessageType } from "farcall/marshal";
import { createRegistry, readProto } from "../../tests/interop/schema.ts";
import { EchoRequest } from "../gen/echo.ts";
import { Order, Readings } from "../gen/shapes.ts";
import { type Goal, type GoalResult, judge } from "../support/goals.ts";
import { type Contestant, type RaceOptions, race, type Standing } from "../support/race.ts";
import { plainValue, type Shape, shapes } from "./values.ts";

const ours = "farcall, generated";
const oursBuilt = "farcall, built";

const Line = message("bench.Line", { sku: string(1), count: int32(2), price: double(3) });
const generated: Readonly<Record<string, MessageType<unknown, never>>> = {
  "bench.EchoRequest": EchoRequest,
  "bench.Order": Order,
  "bench.Readings": Readings,
};
const built: Readonly<Record<string, MessageType<unknown, never>>> = {
  "bench.EchoRequest": message("bench.EchoRequest", { message: string(1), n: int32(2), payload: bytes(3) }),
  "bench.Order": message("bench.Order", {
    id: string(1),
    customer: string(2),
    placedAt: int64(3),
    paid: bool(4),
    lines: repeated(field(Line, 5)),
    codes: repeated(uint32(6)),
    labels: map(string, string(7)),
  }),
  "bench.Readings": message("bench.Readings", {
    sensor: uint64(1),
    since: fixed64(2),
    values: repeated(double(3)),
    steps: repeated(int32(4)),
    offsets: repeated(sint32(5)),
  }),
};

/** One toolkit's way with one shape: bytes (or text) of the value, and back. */
interface Marshaller {
  readonly name: string;
  readonly encode: () => unknown;
  readonly decode: () => unknown;
  /** The encoded value, to see that all say the same. */
  readonly encoded: Uint8Array | undefined;
}

/** Ours: a generated type, or one built in TypeScript. */
function ourMarshaller(name: string, types: typeof generated, { typeName, value }: Shape): Marshaller {
  const type = types[typeName] as MessageType<unknown, unknown>;
  const encoded = type.encode(value);
  return { name, encode: () => type.encode(value), decode: () => type.decode(encoded), encoded };
}

function protobufJs(shape: Shape): Marshaller {
  const file = shape.typeName === "bench.EchoRequest" ? "bench/echo.proto" : "bench/shapes.proto";
  const type = readProto(file).lookupType(shape.typeName);
  const value = type.fromObject(plainValue(shape));
  const encoded = type.encode(value).finish();
  return {
    name: "protobuf.js",
    encode: () => type.encode(value).finish(),
    decode: () => type.decode(encoded),
    encoded,
  };
}

function protobufEs(shape: Shape): Marshaller {
  const file = shape.typeName === "bench.EchoRequest" ? "bench/echo.proto" : "bench/shapes.proto";
  const type = createRegistry(readProto(file)).getMessage(shape.typeName);
  if (type === undefined) throw new Error(`${file} has no ${shape.typeName}`);
  const value = create(type, shape.value as never);
  const encoded = toBinary(type, value);
  return { name: "protobuf-es", encode: () => toBinary(type, value), decode: () => fromBinary(type, encoded), encoded };
}

function json(shape: Shape): Marshaller {
  const value = plainValue(shape);
  const text = JSON.stringify(value);
  return { name: "JSON", encode: () => JSON.stringify(value), decode: () => JSON.parse(text), encoded: undefined };
}

const repeat =
  (task: () => unknown) =>
  (times: number): unknown => {
    let last: unknown;
    for (let time = 0; time < times; time++) last = task();
    return last;
  };

/** What a peer must be beaten by: encode, decode of string-bound shapes, decode of the others. */
const factors: Readonly<Record<string, readonly [encode: number, text: number, numbers: number]>> = {
  "protobuf.js": [2, 1.4, 2],
  "protobuf-es": [5, 4, 4],
  JSON: [1, 1, 1],
};

export interface MarshallingRow {
  readonly what: string;
  readonly standings: readonly Standing[];
}

function judgeRow({ what, standings }: MarshallingRow, factorOf: (peer: string) => number): GoalResult[] {
  const our = standings.find(({ name }) => name === ours);
  return standings
    .filter(({ name }) => factors[name] !== undefined)
    .map((peer) => {
      const goal: Goal = { what, peer: peer.name, bound: "at-least", factor: factorOf(peer.name) };
      return judge(
        goal,
        peer.rounds.map((ns, round) => ns / (our?.rounds[round] ?? Number.NaN)),
      );
    });
}

/** Runs all shapes; every toolkit must produce the same bytes, up to the order of map entries. */
export function runMarshalling(options: RaceOptions): { rows: MarshallingRow[]; goals: GoalResult[] } {
  const rows: MarshallingRow[] = [];
  const goals: GoalResult[] = [];
  for (const shape of shapes) {
    const marshallers = [
      ourMarshaller(ours, generated, shape),
      ourMarshaller(oursBuilt, built, shape),
      protobufJs(shape),
      protobufEs(shape),
      json(shape),
    ];
    const sizes = new Set(marshallers.map(({ encoded }) => encoded?.length).filter((size) => size !== undefined));
    if (sizes.size !== 1) throw new Error(`${shape.name}: the toolkits write ${[...sizes].join(", ")} bytes`);
    for (const direction of ["encode", "decode"] as const) {
      const contestants: Contestant[] = marshallers.map((one) => ({ name: one.name, run: repeat(one[direction]) }));
      const row = { what: `${direction} ${shape.name}`, standings: race(contestants, options) };
      rows.push(row);
      const column = direction === "encode" ? 0 : shape.stringBound ? 1 : 2;
      goals.push(...judgeRow(row, (peer) => factors[peer]?.[column] ?? 1));
    }
  }
  return { rows, goals };
}
