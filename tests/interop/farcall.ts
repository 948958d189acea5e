// Our own two halves of the interop matrix, on nothing but the public API.
import { CallError, dial, implement, Metadata, type CallOptions as OurOptions, serve, statusCodes } from "farcall";
import { bool, bytes, enumeration, field, int32, int64, message, service, string, unary } from "farcall/idl";
import type { MessageOf } from "farcall/marshal";
import {
  CallFailure,
  type CallOptions,
  echoedFields,
  type Fields,
  type ProbeClient,
  type ProbeServer,
  type SleepReport,
  Sleeps,
} from "./probe.ts";
import { probeRoot } from "./schema.ts";

const EchoMessage = message("interop.EchoMessage", { message: string(1), n: int32(2), payload: bytes(3) });
const FailRequest = message("interop.FailRequest", { code: int32(1), message: string(2), details: bytes(3) });
const SleepRequest = message("interop.SleepRequest", { id: string(1), ms: int32(2) });
const SleepQuery = message("interop.SleepQuery", { id: string(1), over: bool(2) });
const SleepState = enumeration("interop.SleepState", { UNSEEN: 0, SLEEPING: 1, DONE: 2, CANCELLED: 3, DEADLINE: 4 });
const Report = message("interop.SleepReport", { state: field(SleepState, 1), deadlineMs: int64(2) });
const Nothing = message("interop.Nothing", {});

const Probe = service("interop.Probe", {
  echo: unary(EchoMessage, EchoMessage),
  fail: unary(FailRequest, Nothing),
  sleep: unary(SleepRequest, Report),
  lastSleep: unary(SleepQuery, Report),
  missing: unary(Nothing, Nothing),
});
const Absent = service("interop.Absent", { call: unary(Nothing, Nothing) });

/** google.rpc.Status by protobuf.js: the peers' view of details, kept apart from ours. */
const Status = probeRoot().lookupType("google.rpc.Status");

interface PlainStatus {
  readonly details?: readonly { readonly type_url: string; readonly value: Uint8Array }[];
}

const toReport = ({ state, deadlineMs }: MessageOf<typeof Report>): SleepReport => ({
  state: String(state).toLowerCase() as SleepReport["state"],
  deadlineMs: Number(deadlineMs),
});

const fromReport = ({ state, deadlineMs }: SleepReport) => ({
  state: state.toUpperCase() as keyof typeof SleepState.values,
  deadlineMs: BigInt(deadlineMs),
});

/** The failure as the cases speak of it; details come back in the form that they were sent in. */
function toFailure(error: unknown): unknown {
  if (!(error instanceof CallError)) return error;
  const code = statusCodes.indexOf(error.code);
  const details = error.details.map(({ typeUrl, value }) => ({ type_url: typeUrl, value }));
  const status = Status.encode(Status.fromObject({ code, message: error.message, details })).finish();
  return new CallFailure(code, error.message, details.length === 0 ? undefined : status);
}

function toOptions({ metadata, timeoutMs, signal }: CallOptions): OurOptions {
  return {
    timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
    ...(metadata !== undefined && { metadata: new Metadata(metadata) }),
    ...(signal !== undefined && { signal }),
  };
}

/** Our client, at an address such as `127.0.0.1:50051`. */
export function connectFarcall(address: string): ProbeClient {
  const channel = dial(`tcp://${address}`);
  const probe = channel.stub(Probe);
  const absent = channel.stub(Absent);
  const settle = <Reply>(call: Promise<Reply>): Promise<Reply> =>
    call.catch((error: unknown) => {
      throw toFailure(error);
    });
  return {
    async echo(request, options) {
      let headers: Fields = [];
      let trailers: Fields = [];
      const reply = await settle(
        probe.echo(request, {
          ...toOptions(options),
          onHeaders: (metadata) => {
            headers = [...metadata];
          },
          onTrailers: (metadata) => {
            trailers = [...metadata];
          },
        }),
      );
      return { message: reply, headers, trailers };
    },
    async fail(request, options) {
      await settle(probe.fail(request, toOptions(options)));
    },
    sleep: async (request, options) => toReport(await settle(probe.sleep(request, toOptions(options)))),
    lastSleep: async (query, options) => toReport(await settle(probe.lastSleep(query, toOptions(options)))),
    async missing(options) {
      await settle(probe.missing({}, toOptions(options)));
    },
    async absent(options) {
      await settle(absent.call({}, toOptions(options)));
    },
    close: () => channel.close(),
  };
}

/** The failure that a request asks for. */
function asked({ code, message: text, details }: MessageOf<typeof FailRequest>): CallError {
  const name = statusCodes[code];
  if (name === undefined || name === "OK") return new CallError("INVALID_ARGUMENT", `${code} is no failure`);
  const status = details.length === 0 ? {} : (Status.toObject(Status.decode(details)) as PlainStatus);
  const sent = (status.details ?? []).map(({ type_url, value }) => ({ typeUrl: type_url, value }));
  return new CallError(name, text, { details: sent });
}

/** Our server on a free loopback port. */
export async function serveFarcall(): Promise<ProbeServer> {
  const sleeps = new Sleeps();
  const probe = implement(
    Probe,
    {
      echo(request, call) {
        const returned = echoedFields([...call.metadata]);
        call.sendHeaders(returned);
        call.setTrailers(returned);
        return request;
      },
      fail(request) {
        throw asked(request);
      },
      async sleep({ id, ms }, call) {
        const timeLeftMs = Number.isFinite(call.timeLeftMs) ? call.timeLeftMs : undefined;
        return fromReport(await sleeps.sleep(id, ms, { timeLeftMs, signal: call.signal }));
      },
      async lastSleep({ id, over }) {
        return fromReport(await sleeps.report(id, over));
      },
    },
    { partial: true },
  );
  const server = await serve("tcp://127.0.0.1:0", [probe]);
  const port = Number(new URL(server.addresses[0] as string).port);
  return { port, close: () => server.close() };
}
