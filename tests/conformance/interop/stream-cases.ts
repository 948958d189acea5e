// gRPC's interoperability tests: cases of streams, and of how calls end.
import assert from "node:assert/strict";
import { Metadata } from "farcall";
import {
  assertFails,
  assertZeros,
  type Case,
  type CaseContext,
  collect,
  output,
  sizes,
  testStub,
  zeros,
} from "./cases.ts";
import { names, UnimplementedService } from "./contract.ts";

async function clientStreaming({ channel, watch }: CaseContext): Promise<void> {
  const requests = sizes.requests.map((size) => ({ payload: zeros(size) }));
  const { aggregatedPayloadSize } = await testStub(channel, watch).streamingInputCall(requests);
  assert.equal(aggregatedPayloadSize, 74_922);
}

async function serverStreaming({ channel, watch }: CaseContext): Promise<void> {
  const responseParameters = sizes.responses.map((size) => ({ size }));
  const replies = await collect(testStub(channel, watch).streamingOutputCall({ responseParameters }));
  assert.equal(replies.length, sizes.responses.length);
  for (const [index, reply] of replies.entries()) assertZeros(reply, sizes.responses[index] as number);
}

async function pingPong({ channel, watch }: CaseContext): Promise<void> {
  const stream = testStub(channel, watch).fullDuplexCall();
  const replies = stream[Symbol.asyncIterator]();
  for (const [index, size] of sizes.requests.entries()) {
    const wanted = sizes.responses[index] as number;
    await stream.send({ ...output(wanted), payload: zeros(size) });
    const { value, done } = await replies.next();
    assert.equal(done, false);
    assertZeros(value, wanted);
  }
  stream.end();
  assert.equal((await replies.next()).done, true);
  await stream.trailers;
}

async function emptyStream({ channel, watch }: CaseContext): Promise<void> {
  const stream = testStub(channel, watch).fullDuplexCall();
  stream.end();
  assert.deepEqual(await collect(stream), []);
  await stream.trailers;
}

async function cancelAfterBegin({ channel, watch }: CaseContext): Promise<void> {
  const stream = testStub(channel, watch).streamingInputCall();
  stream.cancel();
  await assertFails(stream.reply, "CANCELLED");
}

async function cancelAfterFirstResponse({ channel, watch }: CaseContext): Promise<void> {
  const stream = testStub(channel, watch).fullDuplexCall();
  const replies = stream[Symbol.asyncIterator]();
  await stream.send({ ...output(31_415), payload: zeros(27_182) });
  const { value, done } = await replies.next();
  assert.equal(done, false);
  assertZeros(value, 31_415);
  stream.cancel();
  await assertFails(replies.next(), "CANCELLED");
}

async function timeoutOnSleepingServer({ channel, watch }: CaseContext): Promise<void> {
  const stream = testStub(channel, watch).fullDuplexCall(undefined, { timeoutMs: 1 });
  const sending = stream.send({ payload: zeros(27_182) }).catch(() => {});
  await assertFails(collect(stream), "DEADLINE_EXCEEDED");
  await sending;
}

const sentMetadata = {
  [names.initial]: "test_initial_metadata_value",
  [names.trailing]: Uint8Array.of(0xab, 0xab, 0xab),
};

function assertEchoed(headers: Metadata, trailers: Metadata): void {
  assert.deepEqual(headers.getAll(names.initial), [sentMetadata[names.initial]]);
  const echoed = trailers.getAll(names.trailing).map((value) => [...(value as Uint8Array)]);
  assert.deepEqual(echoed, [[0xab, 0xab, 0xab]]);
}

async function customMetadata({ channel, watch }: CaseContext): Promise<void> {
  const stub = testStub(channel, watch);
  let headers = new Metadata();
  let trailers = new Metadata();
  const request = { responseSize: sizes.response, payload: zeros(sizes.request) };
  await stub.unaryCall(request, {
    metadata: sentMetadata,
    onHeaders: (metadata) => {
      headers = metadata;
    },
    onTrailers: (metadata) => {
      trailers = metadata;
    },
  });
  assertEchoed(headers, trailers);
  const stream = stub.fullDuplexCall([{ ...output(sizes.response), payload: zeros(sizes.request) }], {
    metadata: sentMetadata,
  });
  assert.equal((await collect(stream)).length, 1);
  assertEchoed(await stream.headers, await stream.trailers);
}

async function assertEchoedStatus({ channel, watch }: CaseContext, message: string, streams: boolean): Promise<void> {
  const stub = testStub(channel, watch);
  const responseStatus = { code: 2, message };
  assert.equal((await assertFails(stub.unaryCall({ responseStatus }), "UNKNOWN")).message, message);
  if (!streams) return;
  const error = await assertFails(collect(stub.fullDuplexCall([{ responseStatus }])), "UNKNOWN");
  assert.equal(error.message, message);
}

const specialMessage = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

export const streamCases: readonly (readonly [name: string, run: Case])[] = [
  ["client_streaming", clientStreaming],
  ["server_streaming", serverStreaming],
  ["ping_pong", pingPong],
  ["empty_stream", emptyStream],
  ["cancel_after_begin", cancelAfterBegin],
  ["cancel_after_first_response", cancelAfterFirstResponse],
  ["timeout_on_sleeping_server", timeoutOnSleepingServer],
  ["custom_metadata", customMetadata],
  ["status_code_and_message", (context) => assertEchoedStatus(context, "test status message", true)],
  ["special_status_message", (context) => assertEchoedStatus(context, specialMessage, false)],
  [
    "unimplemented_method",
    async ({ channel, watch }) =>
      void (await assertFails(testStub(channel, watch).unimplementedCall({}), "UNIMPLEMENTED")),
  ],
  [
    "unimplemented_service",
    async ({ channel }) =>
      void (await assertFails(channel.stub(UnimplementedService).unimplementedCall({}), "UNIMPLEMENTED")),
  ],
];
