// gRPC's interoperability tests (grpc/doc/interop-test-descriptions.md): our client's cases, by their names there. A case that
// does not hold throws.
import assert from "node:assert/strict";
import { CallError, type Channel, type ErrorCode } from "farcall";
import type { CompressionWatch } from "./compression-watch.ts";
import { Empty, InputRequest, OutputResponse, SimpleRequest, SimpleResponse, testService } from "./contract.ts";

/** How a case reaches the server. */
export interface CaseContext {
  /** One channel that all cases share. */
  readonly channel: Channel;
  /** Another one, which its case closes. */
  open(): Channel;
  readonly watch: CompressionWatch;
  /** Calls of the long cases. */
  readonly soakIterations: number;
}

export type Case = (context: CaseContext) => Promise<void>;

export const sizes = {
  request: 271_828,
  response: 314_159,
  requests: [27_182, 8, 1_828, 45_904],
  responses: [31_415, 9, 2_653, 58_979],
} as const;

/** The stub of the service, with what must be known of its messages' compression. */
export function testStub(channel: Channel, watch: CompressionWatch) {
  const types = {
    request: SimpleRequest,
    response: watch.watchType(SimpleResponse),
    input: InputRequest,
    output: watch.watchType(OutputResponse),
  };
  return channel.stub(testService(types));
}

export const zeros = (size: number) => ({ body: new Uint8Array(size) });

/** A request that asks for `size` bytes, one message. */
export const output = (size: number) => ({ responseParameters: [{ size }] });

export function assertZeros(
  reply: { readonly payload: { readonly body: Uint8Array } | undefined },
  size: number,
): void {
  assert.equal(reply.payload?.body.length, size);
  assert.ok(reply.payload.body.every((byte) => byte === 0));
}

/** The failure that a call must end with. */
export async function assertFails(call: PromiseLike<unknown>, code: ErrorCode): Promise<CallError> {
  const error = await call.then(
    () => assert.fail(`it succeeded, and was to fail with ${code}`),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof CallError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

export async function collect<Message>(stream: AsyncIterable<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

/** One large call, as many cases make it. */
export async function largeUnary({ channel, watch }: Pick<CaseContext, "channel" | "watch">): Promise<void> {
  const request = { responseSize: sizes.response, payload: zeros(sizes.request) };
  assertZeros(await testStub(channel, watch).unaryCall(request), sizes.response);
}

async function emptyUnary({ channel, watch }: CaseContext): Promise<void> {
  assert.deepEqual(await testStub(channel, watch).emptyCall(Empty.create()), Empty.create());
}

async function veryLargeRequest({ channel, watch }: CaseContext): Promise<void> {
  const reply = await testStub(channel, watch).unaryCall({ responseSize: 10, payload: zeros(10 * 1024 * 1024) });
  assertZeros(reply, 10);
}

async function pickFirstUnary({ channel, watch }: CaseContext): Promise<void> {
  const ids = new Set<string>();
  for (let count = 0; count < 100; count++) {
    const request = { responseSize: 1, payload: zeros(1), fillServerId: true };
    ids.add((await testStub(channel, watch).unaryCall(request)).serverId);
  }
  assert.equal(ids.size, 1);
  assert.ok(!ids.has(""), "the server has a name");
}

/** Calls in a row, on one channel or each on one of its own. */
async function soak({ watch, soakIterations }: CaseContext, next: () => Channel, closes: boolean): Promise<void> {
  for (let count = 0; count < soakIterations; count++) {
    const channel = next();
    await largeUnary({ channel, watch });
    if (closes) await channel.close();
  }
}

export const unaryCases: readonly (readonly [name: string, run: Case])[] = [
  ["empty_unary", emptyUnary],
  ["large_unary", largeUnary],
  ["very_large_request", veryLargeRequest],
  ["pick_first_unary", pickFirstUnary],
  ["rpc_soak", (context) => soak(context, () => context.channel, false)],
  ["channel_soak", (context) => soak(context, () => context.open(), true)],
];
