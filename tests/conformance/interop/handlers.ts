// gRPC's interoperability tests: the service that the clients of others call.
import { randomUUID } from "node:crypto";
import { CallError, implement, type ServerCall, statusCodes } from "farcall";
import type { MessageOf } from "farcall/marshal";
import type { CompressionWatch } from "./compression-watch.ts";
import {
  InputRequest,
  LoadReport,
  LoadReports,
  maxMessageBytes,
  names,
  OutputResponse,
  SimpleRequest,
  SimpleResponse,
  testService,
} from "./contract.ts";

type Report = MessageOf<typeof LoadReport>;

/** Sends back the metadata that asks for it. */
function echoMetadata(call: ServerCall): void {
  const initial = call.metadata.get(names.initial);
  if (initial !== undefined) call.sendHeaders({ [names.initial]: initial });
  const trailing = call.metadata.get(names.trailing);
  if (trailing !== undefined) call.setTrailers({ [names.trailing]: trailing });
}

function checkStatus(status: { readonly code: number; readonly message: string } | undefined): void {
  if (status === undefined || status.code === 0) return;
  const code = statusCodes[status.code];
  throw new CallError(code === undefined || code === "OK" ? "UNKNOWN" : code, status.message);
}

function payload(size: number) {
  if (size < 0 || size > maxMessageBytes) throw new CallError("INVALID_ARGUMENT", `a payload of ${size} bytes`);
  return { body: new Uint8Array(size) };
}

interface OutputOrder {
  readonly responseParameters: readonly {
    readonly size: number;
    readonly intervalUs: number;
    readonly compressed: { readonly value: boolean } | undefined;
  }[];
}

/** The services. Replies are compressed where that is asked for, else not. */
export function implementInterop(watch: CompressionWatch) {
  const serverId = randomUUID();
  let load: Report = LoadReport.create();

  /** Whether the message came as its sender says that it sent it. */
  function checkCompressed(request: object, expected: { readonly value: boolean } | undefined): void {
    if (expected === undefined || expected.value === watch.cameCompressed(request)) return;
    const came = watch.cameCompressed(request) ? "compressed" : "as it is";
    throw new CallError("INVALID_ARGUMENT", `the message came ${came}`);
  }

  const asAsked = <Message extends object>(message: Message, compressed: { readonly value: boolean } | undefined) =>
    compressed?.value === true ? message : watch.keepPlain(message);

  function answerOnce(request: MessageOf<typeof SimpleRequest>, call: ServerCall) {
    echoMetadata(call);
    checkStatus(request.responseStatus);
    checkCompressed(request, request.expectCompressed);
    const { orcaPerQueryReport: report } = request;
    if (report !== undefined) {
      const { memoryUtilization: memUtilization, ...rest } = report;
      call.setTrailers({ [names.load]: LoadReport.encode({ ...rest, memUtilization }) });
    }
    const reply = { payload: payload(request.responseSize), ...(request.fillServerId && { serverId }) };
    return asAsked(reply, request.responseCompressed);
  }

  async function* answer({ responseParameters }: OutputOrder, call: ServerCall) {
    for (const { size, intervalUs, compressed } of responseParameters) {
      if (intervalUs > 0) await call.sleep(intervalUs / 1000);
      yield asAsked({ payload: payload(size) }, compressed);
    }
  }

  const types = {
    request: watch.watchType(SimpleRequest),
    response: watch.watchType(SimpleResponse),
    input: watch.watchType(InputRequest),
    output: watch.watchType(OutputResponse),
  };
  const tests = implement(
    testService(types),
    {
      emptyCall: () => ({}),
      unaryCall: answerOnce,
      streamingOutputCall: answer,
      async streamingInputCall(requests) {
        let bytes = 0;
        for await (const request of requests) {
          checkCompressed(request, request.expectCompressed);
          bytes += request.payload?.body.length ?? 0;
        }
        return { aggregatedPayloadSize: bytes };
      },
      async *fullDuplexCall(requests, call) {
        echoMetadata(call);
        for await (const request of requests) {
          checkStatus(request.responseStatus);
          const { orcaOobReport: report } = request;
          if (report !== undefined) {
            load = LoadReport.create({ ...report, memUtilization: report.memoryUtilization });
          }
          yield* answer(request, call);
        }
      },
      async *halfDuplexCall(requests, call) {
        const kept: OutputOrder[] = [];
        for await (const request of requests) kept.push(request);
        for (const request of kept) yield* answer(request, call);
      },
    },
    { partial: true },
  );
  const loads = implement(LoadReports, {
    async *streamCoreMetrics({ reportInterval }, call) {
      const seconds = Number(reportInterval?.seconds ?? 0n) + (reportInterval?.nanos ?? 0) / 1e9;
      for (;;) {
        yield load;
        await call.sleep(Math.max(100, seconds * 1000));
      }
    },
  });
  return [tests, loads];
}
