// Protobuf's conformance suite: the program under test. The runner writes requests into its input, each behind its length in
// four bytes, little-endian, and reads answers of the same form: `node testee.js generated|described`.
import { readSync, writeSync } from "node:fs";
import { MarshalError, type MessageType, type TypeRegistry } from "farcall/marshal";
import { suiteTypes, type WayIn } from "./contract.ts";

interface Request {
  readonly payload: { readonly kind: string; readonly value: unknown } | undefined;
  readonly requestedOutputFormat: string;
  readonly messageType: string;
  readonly testCategory: string;
  readonly printUnknownFields: boolean;
}
interface Result {
  readonly kind: string;
  readonly value: unknown;
}

const types = await suiteTypes(process.argv[2] as WayIn);
const RequestType = typeOf("conformance.ConformanceRequest");
const ResponseType = typeOf("conformance.ConformanceResponse");

function typeOf(name: string): MessageType {
  const type = types.findMessage(name);
  if (type === undefined) throw new Error(`${name} is not among the types: generate them again`);
  return type;
}

/** What is answered to an error of ours; anything but a `MarshalError` is a crash, which ends the suite. */
function refusal(kind: string, error: unknown): Result {
  if (error instanceof MarshalError) return { kind, value: error.message };
  throw error;
}

function answer(request: Request, registry: TypeRegistry): Result {
  const { payload, messageType, requestedOutputFormat, testCategory, printUnknownFields } = request;
  // The first request asks which failures were expected: none.
  if (messageType === "conformance.FailureSet") return { kind: "protobufPayload", value: new Uint8Array(0) };
  const type = typeOf(messageType);
  let message: unknown;
  try {
    if (payload?.kind === "protobufPayload") message = type.decode(payload.value as Uint8Array);
    else if (payload?.kind === "jsonPayload") {
      const ignoreUnknown = testCategory === "JSON_IGNORE_UNKNOWN_PARSING_TEST";
      message = type.fromJsonString(payload.value as string, { types: registry, ignoreUnknown });
    } else if (payload?.kind === "textPayload") {
      message = type.fromText(payload.value as string, { types: registry });
    } else return { kind: "skipped", value: `no ${payload?.kind}` };
  } catch (error) {
    return refusal("parseError", error);
  }
  try {
    if (requestedOutputFormat === "PROTOBUF") return { kind: "protobufPayload", value: type.encode(message) };
    if (requestedOutputFormat === "JSON") {
      return { kind: "jsonPayload", value: type.toJsonString(message, { types: registry }) };
    }
    if (requestedOutputFormat === "TEXT_FORMAT") {
      const text = type.toText(message, { types: registry, unknownFields: printUnknownFields });
      return { kind: "textPayload", value: text };
    }
    return { kind: "skipped", value: `no ${requestedOutputFormat}` };
  } catch (error) {
    return refusal("serializeError", error);
  }
}

/** The next `count` bytes of the input; undefined at its end. */
function readInput(count: number): Uint8Array | undefined {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; ) {
    const read = readSync(0, bytes, at, count - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  return bytes;
}

function writeOutput(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

for (;;) {
  const head = readInput(4);
  if (head === undefined) break;
  const bytes = readInput(new DataView(head.buffer).getUint32(0, true));
  if (bytes === undefined) break;
  const reply = ResponseType.encode({ result: answer(RequestType.decode(bytes) as Request, types) });
  const framed = new Uint8Array(4 + reply.length);
  new DataView(framed.buffer).setUint32(0, reply.length, true);
  framed.set(reply, 4);
  writeOutput(framed);
}
