// Benchmark, marshalling: what a toolkit is to the benchmark.
import type { Shape } from "./shapes.ts";

/** One toolkit's way with one shape. */
export interface Marshaller {
  readonly encode: () => unknown;
  readonly decode: () => unknown;
  /** What `encode` makes and `decode` is given; text where it writes text. */
  readonly encoded: Uint8Array | string;
}

export interface Toolkit {
  readonly name: string;
  readonly version: string;
  /** How it is used. */
  readonly settings: string;
  /** What it writes; the bare copy writes no format. */
  readonly format: "protobuf" | "JSON" | "none";
  /** Undefined for a shape that the toolkit cannot do. */
  prepare(shape: Shape): Marshaller | undefined;
}

/** A toolkit's message type, as functions. `Input` is what it reads from: bytes of the kind that it writes. */
export interface TypeFunctions<Form, Input extends Uint8Array | string> {
  readonly encode: (value: Form) => Input;
  readonly decode: (input: Input) => unknown;
}

/** The way with a value in the toolkit's own form, made once: encoding it and decoding what came of that. */
export function marshaller<Form, Input extends Uint8Array | string>(
  { encode, decode }: TypeFunctions<Form, Input>,
  value: Form,
): Marshaller {
  const encoded = encode(value);
  return { encode: () => encode(value), decode: () => decode(encoded), encoded };
}
