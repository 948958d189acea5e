// Benchmark, marshalling: the values that are marshalled. 64-bit numbers are small enough for every toolkit's own form.

export interface Shape {
  readonly name: string;
  readonly typeName: string;
  /** Strings cost UTF-8 in any toolkit: decoding them cannot win as much. */
  readonly stringBound: boolean;
  /** Properties as TypeScript names them; 64-bit numbers as `bigint`, the map as an object. */
  readonly value: Readonly<Record<string, unknown>>;
}

const count = (length: number, make: (index: number) => number): number[] => Array.from({ length }, (_, i) => make(i));

export const shapes: readonly Shape[] = [
  {
    name: "echo request",
    typeName: "bench.EchoRequest",
    stringBound: true,
    value: { message: "abcdefghijklmnopqrstuvwxyz012345", n: 5, payload: new Uint8Array(0) },
  },
  {
    name: "order",
    typeName: "bench.Order",
    stringBound: true,
    value: {
      id: "0198c1de-7f4a-7000-8000-2f6d1ac5b3e0",
      customer: "Zoë Fernández, 12 Rue de l'Église",
      placedAt: 1_700_000_000_123n,
      paid: true,
      lines: count(5, (i) => i).map((i) => ({ sku: `SKU-00${i}-BLUE`, count: i + 1, price: 9.99 + i })),
      codes: count(12, (i) => i * i * 31),
      labels: { channel: "web", region: "eu-west-3" },
    },
  },
  {
    name: "readings",
    typeName: "bench.Readings",
    stringBound: false,
    value: {
      sensor: 90_071_992_547n,
      since: 1_700_000_000_000n,
      values: count(64, (i) => Math.sin(i) * 1000),
      steps: count(64, (i) => (i % 2 === 0 ? i : i * 70_000)),
      offsets: count(64, (i) => (i % 2 === 0 ? -i : i)),
    },
  },
];

/** `placedAt` as `placed_at`. */
const toSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The value with names as the `.proto` has them and 64-bit numbers as `number`: for protobuf.js and JSON. */
export function plainValue(shape: Shape): Readonly<Record<string, unknown>> {
  const entries = Object.entries(shape.value).map(([name, value]) => [
    toSnake(name),
    typeof value === "bigint" ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
