// Fuzz target: protobuf's binary format. Bytes are refused with a `MarshalError`, by both ways of making types alike, or are a
// message that comes back whole and is not much larger than they are. Two halves merge to the whole. protobuf-es agrees.
import assert from "node:assert/strict";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { MarshalError, type MessageType } from "farcall/marshal";
import { featureRows } from "../../support/marshal/feature-rows.ts";
import { Everything, type EverythingInit } from "../../support/marshal/kinds.ts";
import { goldenRows } from "../../support/marshal/rows.ts";
import { type Contract, loadContracts } from "../contracts.ts";

const typeNames = ["kinds.Everything", "old.Order", "late.Tree", "kinds.Leaf", "old.Item", "old.Set"];
const contracts = await loadContracts(typeNames);

/** Written bytes per read byte: an element of a packed list may become a field with a tag of its own. */
const maxGrowth = 8;
/** Objects, arrays and values in a message per byte: an empty message of many fields takes three bytes. */
const maxValuesPerByte = 40;

type Outcome = { readonly message: object } | { readonly error: MarshalError };

function decode(type: MessageType<object>, bytes: Uint8Array): Outcome {
  const lent = Uint8Array.from(bytes);
  try {
    return { message: type.decode(lent) };
  } catch (error) {
    if (error instanceof MarshalError) return { error };
    throw error;
  }
}

export function fuzz(input: Uint8Array): void {
  const [first = 0, second = 0] = input;
  const contract = contracts[first % contracts.length] as Contract;
  const bytes = input.subarray(2);
  const outcomes = contract.ways.map((type) => decode(type, bytes));
  const [one, other] = outcomes as [Outcome, Outcome];
  if ("error" in one) {
    assert.ok("error" in other, "described types take what generated ones refuse");
    assert.equal(other.error.message, one.error.message);
    const { offset } = one.error;
    assert.ok(offset === undefined || (offset >= 0 && offset <= bytes.length), `offset ${offset}`);
    return;
  }
  assert.ok("message" in other, "generated types take what described ones refuse");
  assert.deepEqual(other.message, one.message);
  for (const type of contract.ways) checkMessage(type, one.message, bytes);
  checkMerged(contract.ways[0] as MessageType<object>, bytes, second);
  if (isComparable(contract, one.message)) checkPeer(contract, one.message, bytes);
}

/**
 * protobuf-es looks at no wire type: it reads a known field of a wrong one as if it were right, and so may take what we refuse and
 * lack what is an unknown field to us. What holds known fields alone, it must read as we do. Entries of maps may hide unknown
 * fields, so it has no say where there are some.
 */
function isComparable({ typeName }: Contract, message: object): boolean {
  return typeName !== "old.Set" && !mayDiffer(message);
}

function mayDiffer(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (value instanceof Map) return value.size > 0;
  return "$unknown" in value || Object.values(value).some(mayDiffer);
}

function checkMessage(type: MessageType<object>, message: object, bytes: Uint8Array): void {
  const written = type.encode(message);
  assert.ok(written.length <= 64 + maxGrowth * bytes.length, `${bytes.length} bytes became ${written.length}`);
  const values = countValues(message);
  assert.ok(values <= 200 + maxValuesPerByte * bytes.length, `${bytes.length} bytes became ${values} values`);
  const again = type.decode(written);
  assert.deepEqual(again, message);
  assert.deepEqual(type.encode(again), written);
  assert.ok(type.equals(again, message));
  assert.deepEqual(type.clone(message), message);
  assert.deepEqual(type.create(message), message);
  const sorted = type.encode(message, { deterministic: true });
  assert.deepEqual(type.encode(type.decode(sorted), { deterministic: true }), sorted);
}

function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  const inner: Iterable<unknown> = value instanceof Map ? [...value.keys(), ...value.values()] : Object.values(value);
  let count = 1;
  for (const one of inner) count += countValues(one);
  return count;
}

/** Bytes behind bytes are their messages merged (protobuf.dev, "Last One Wins"). */
function checkMerged(type: MessageType<object>, bytes: Uint8Array, at: number): void {
  const cut = bytes.length === 0 ? 0 : at % bytes.length;
  const head = decode(type, bytes.subarray(0, cut));
  const tail = decode(type, bytes.subarray(cut));
  if ("error" in head || "error" in tail) return;
  // As we write them: a zero that somebody wrote counts in bytes, but is not there to be merged.
  const written = Buffer.concat([head.message, tail.message].map((half) => type.encode(half)));
  assert.deepEqual(type.merge(head.message, tail.message), type.decode(written));
}

function checkPeer({ es, ways }: Contract, message: object, bytes: Uint8Array): void {
  let through: Uint8Array;
  try {
    through = toBinary(es, fromBinary(es, bytes));
  } catch (error) {
    throw new Error("protobuf-es refuses what we take", { cause: error });
  }
  assert.deepEqual((ways[0] as MessageType<object>).decode(through), message);
}

export function seeds(): Uint8Array[] {
  const behind = (typeName: string, cut: number, bytes: Uint8Array) =>
    Buffer.concat([Buffer.of(typeNames.indexOf(typeName), cut), bytes]);
  const written = goldenRows.map(({ init, hex }, index) =>
    behind("kinds.Everything", index, hex === "" ? Everything.encode(init as EverythingInit) : Buffer.from(hex, "hex")),
  );
  const features = featureRows
    .filter(({ type = "old.Order" }) => typeNames.includes(type))
    .map(({ type = "old.Order", hex }, index) => behind(type, index, Buffer.from(hex, "hex")));
  return [...written, ...features];
}
