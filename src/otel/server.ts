// OpenTelemetry: the interceptor of a server: a span of kind SERVER around each call, within the trace that its client told
// of, and metrics. The handler runs where that span is the active one, so that its own spans and calls are children.
import { type Attributes, context, SpanKind } from "@opentelemetry/api";
import { CallError } from "../rpc/call-error.ts";
import { isThenable } from "../rpc/handler-runs.ts";
import type { Interceptor } from "../rpc/interceptor.ts";
import type { ServerCall } from "../rpc/server-call.ts";
import type { Peer } from "../rpc/server-call-host.ts";
import { peerAttributes } from "./addresses.ts";
import { iterateWithin } from "./iterate-within.ts";
import { attributeNames as names, serverErrorCodes } from "./names.ts";
import type { TelemetryOptions } from "./options.ts";
import { type Outcome, Telemetry } from "./telemetry.ts";

/** For `serve(address, [...], { interceptors: [serverTelemetry()] })`. */
export function serverTelemetry(options: TelemetryOptions<ServerCall> = {}): Interceptor<ServerCall> {
  const telemetry = new Telemetry<ServerCall>(SpanKind.SERVER, options);
  // Of each connection, for as long as it is there.
  const places = new WeakMap<Peer, Attributes>();
  const placeOf = (peer: Peer): Attributes => {
    const known = places.get(peer);
    if (known !== undefined) return known;
    const place = peerAttributes(peer.address);
    places.set(peer, place);
    return place;
  };
  return (call, next) => {
    if (!telemetry.wants(call)) return next();
    const open = telemetry.begin(call, telemetry.extract(call), placeOf(call.peer));
    call.onEnd((error) => open.end(outcomeOf(error)));
    const answer = context.with(open.context, () => next());
    const { callKind } = call.method;
    if (callKind === "unary" || callKind === "clientStream") return answer;
    if (!isThenable(answer)) return iterateWithin(open.context, answer);
    return answer.then((stream) => iterateWithin(open.context, stream));
  };
}

function outcomeOf(error: unknown): Outcome | undefined {
  if (error === undefined) return undefined;
  const isStatus = error instanceof CallError;
  const code = isStatus ? error.code : "UNKNOWN";
  if (!serverErrorCodes.has(code)) return { attributes: { [names.statusCode]: code } };
  const thrown = error instanceof Error ? error : new Error(String(error));
  return {
    attributes: { [names.statusCode]: code, [names.errorType]: code },
    failure: thrown.message,
    ...(!isStatus && { exception: thrown }),
  };
}
