// interop.Probe and interop.Streams in our own terms, as probe.proto has them, and details as the peers see them.
import {
  bidiStream,
  bool,
  bytes,
  clientStream,
  enumeration,
  field,
  int32,
  int64,
  message,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";
import { probeRoot } from "../schema.ts";

const EchoMessage = message("interop.EchoMessage", { message: string(1), n: int32(2), payload: bytes(3) });
export const FailRequest = message("interop.FailRequest", { code: int32(1), message: string(2), details: bytes(3) });
const SleepRequest = message("interop.SleepRequest", { id: string(1), ms: int32(2) });
const SleepQuery = message("interop.SleepQuery", { id: string(1), over: bool(2) });
export const SleepState = enumeration("interop.SleepState", {
  UNSEEN: 0,
  SLEEPING: 1,
  DONE: 2,
  CANCELLED: 3,
  DEADLINE: 4,
});
export const SleepReport = message("interop.SleepReport", { state: field(SleepState, 1), deadlineMs: int64(2) });
const Nothing = message("interop.Nothing", {});

export const Probe = service("interop.Probe", {
  echo: unary(EchoMessage, EchoMessage),
  fail: unary(FailRequest, Nothing),
  sleep: unary(SleepRequest, SleepReport),
  lastSleep: unary(SleepQuery, SleepReport),
  missing: unary(Nothing, Nothing),
});
export const Absent = service("interop.Absent", { call: unary(Nothing, Nothing) });

const Order = message("interop.Order", {
  id: string(1),
  count: int32(2),
  payloadBytes: int32(3),
  pauseMs: int32(4),
  answerAfter: int32(5),
  hold: bool(6),
  afterEnd: bool(7),
  ending: field(FailRequest, 8),
});
const Part = message("interop.Part", { n: int32(1), payload: bytes(2), order: field(Order, 3) });
const Summary = message("interop.Summary", { count: int32(1), bytes: int32(2), wrong: int32(3) });
export const StreamReport = message("interop.StreamReport", {
  state: field(SleepState, 1),
  sent: int32(2),
  received: int32(3),
});

export const Streams = service("interop.Streams", {
  feed: serverStream(Order, Part),
  collect: clientStream(Part, Summary),
  chat: bidiStream(Part, Part),
  lastStream: unary(SleepQuery, StreamReport),
  release: unary(SleepQuery, Nothing),
  drain: unary(Nothing, Nothing),
});

/** google.rpc.Status by protobuf.js: the peers' view of details, kept apart from ours. */
export const Status = probeRoot().lookupType("google.rpc.Status");
