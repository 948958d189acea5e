// gRPC's interoperability tests: cases of compression, message by message, and of load reports (gRFC A51).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
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
import { LoadReport, LoadReports, names } from "./contract.ts";

const yes = { value: true };
const no = { value: false };

/** Whether the server looks at the compression of what it gets: it must see that this is not compressed, though we say so. */
async function probeUnary({ channel, watch }: CaseContext): Promise<void> {
  const request = { expectCompressed: yes, responseSize: sizes.response, payload: zeros(sizes.request) };
  await assertFails(testStub(channel, watch).unaryCall(request), "INVALID_ARGUMENT");
}

async function clientCompressedUnary({ channel, watch }: CaseContext): Promise<void> {
  const stub = testStub(channel, watch);
  const request = { responseSize: sizes.response, payload: zeros(sizes.request) };
  assertZeros(await stub.unaryCall({ ...request, expectCompressed: yes }, { compression: "gzip" }), sizes.response);
  assertZeros(await stub.unaryCall({ ...request, expectCompressed: no }), sizes.response);
}

async function serverCompressedUnary({ channel, watch }: CaseContext): Promise<void> {
  for (const responseCompressed of [yes, no]) {
    const request = { responseCompressed, responseSize: sizes.response, payload: zeros(sizes.request) };
    const reply = await testStub(channel, watch).unaryCall(request);
    assertZeros(reply, sizes.response);
    assert.equal(watch.cameCompressed(reply), responseCompressed.value);
  }
}

async function probeStreaming({ channel, watch }: CaseContext): Promise<void> {
  const stream = testStub(channel, watch).streamingInputCall([{ expectCompressed: yes, payload: zeros(27_182) }]);
  await assertFails(stream, "INVALID_ARGUMENT");
}

async function clientCompressedStreaming({ channel, watch }: CaseContext): Promise<void> {
  const requests = [
    { expectCompressed: yes, payload: zeros(27_182) },
    // What does not become smaller goes as it is.
    { expectCompressed: no, payload: { body: new Uint8Array(randomBytes(45_904)) } },
  ];
  const { aggregatedPayloadSize } = await testStub(channel, watch).streamingInputCall(requests, {
    compression: "gzip",
  });
  assert.equal(aggregatedPayloadSize, 73_086);
}

async function serverCompressedStreaming({ channel, watch }: CaseContext): Promise<void> {
  const responseParameters = [
    { compressed: yes, size: 31_415 },
    { compressed: no, size: 92_653 },
  ];
  const replies = await collect(testStub(channel, watch).streamingOutputCall({ responseParameters }));
  assert.equal(replies.length, 2);
  for (const [index, reply] of replies.entries()) {
    const asked = responseParameters[index] as (typeof responseParameters)[number];
    assertZeros(reply, asked.size);
    assert.equal(watch.cameCompressed(reply), asked.compressed.value);
  }
}

const firstLoad = { cpuUtilization: 0.821, memoryUtilization: 0.5847, utilization: { util: 0.30499 } };
const secondLoad = { cpuUtilization: 0.29309, memoryUtilization: 0.2, utilization: { util: 0.2039 } };

function toReport({ memoryUtilization, ...rest }: typeof firstLoad & { readonly requestCost?: { cost: number } }) {
  return LoadReport.create({ ...rest, memUtilization: memoryUtilization });
}

async function orcaPerRpc({ channel, watch }: CaseContext): Promise<void> {
  const orcaPerQueryReport = { ...firstLoad, requestCost: { cost: 3456.32 } };
  let trailer: unknown;
  await testStub(channel, watch).unaryCall(
    { orcaPerQueryReport },
    {
      onTrailers: (trailers) => {
        trailer = trailers.get(names.load);
      },
    },
  );
  assert.ok(trailer instanceof Uint8Array, "the reply has a load report");
  assert.deepEqual(LoadReport.decode(trailer), toReport(orcaPerQueryReport));
}

async function orcaOutOfBand({ channel, watch }: CaseContext): Promise<void> {
  const reports = channel
    .stub(LoadReports)
    .streamCoreMetrics({ reportInterval: { seconds: 1n } }, { timeoutMs: 30_000 });
  const reading = reports[Symbol.asyncIterator]();
  const stream = testStub(channel, watch).fullDuplexCall();
  const replies = stream[Symbol.asyncIterator]();
  for (const orcaOobReport of [firstLoad, secondLoad]) {
    await stream.send({ orcaOobReport, ...output(1) });
    await replies.next();
    for (;;) {
      const { value, done } = await reading.next();
      assert.equal(done, false);
      if (LoadReport.equals(value, toReport(orcaOobReport))) break;
    }
  }
  stream.end();
  reports.cancel();
}

export const moreCases: readonly (readonly [name: string, run: Case])[] = [
  [
    "client_compressed_unary",
    async (context) => {
      await probeUnary(context);
      await clientCompressedUnary(context);
    },
  ],
  ["client_compressed_unary_noprobe", clientCompressedUnary],
  ["server_compressed_unary", serverCompressedUnary],
  [
    "client_compressed_streaming",
    async (context) => {
      await probeStreaming(context);
      await clientCompressedStreaming(context);
    },
  ],
  ["client_compressed_streaming_noprobe", clientCompressedStreaming],
  ["server_compressed_streaming", serverCompressedStreaming],
  ["orca_per_rpc", orcaPerRpc],
  ["orca_oob", orcaOutOfBand],
];
