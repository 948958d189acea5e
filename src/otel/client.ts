// OpenTelemetry: the interceptor of a channel: a span of kind CLIENT around each call, its trace told to the server, and
// metrics. Put first among the interceptors it sees whole calls; behind one that calls again, each of its attempts.
import { type Attributes, context, SpanKind } from "@opentelemetry/api";
import { CallError } from "../rpc/call-error.ts";
import { isThenable } from "../rpc/handler-runs.ts";
import type { ClientCallContext, Interceptor } from "../rpc/interceptor.ts";
import { peerAttributes, serverAttributes } from "./addresses.ts";
import { attributeNames as names } from "./names.ts";
import type { TelemetryOptions } from "./options.ts";
import { type Outcome, Telemetry } from "./telemetry.ts";

/** For `dial(address, { interceptors: [clientTelemetry()] })`. */
export function clientTelemetry(options: TelemetryOptions<ClientCallContext> = {}): Interceptor<ClientCallContext> {
  const telemetry = new Telemetry<ClientCallContext>(SpanKind.CLIENT, options);
  let last: { readonly target: string; readonly place: Attributes } | undefined;
  const placeOf = (target: string): Attributes => {
    if (last?.target !== target) last = { target, place: serverAttributes(target) };
    return last.place;
  };
  return (call, next) => {
    if (!telemetry.wants(call)) return next();
    const open = telemetry.begin(call, context.active(), placeOf(call.target));
    telemetry.inject(call, open.context);
    const ended = (error: unknown): void => {
      if (!open.hasEnded) open.end(outcomeOf(error), () => detailsOf(error, call));
    };
    // The call may end without its interceptors: by its deadline, by its caller.
    call.onEnd(ended);
    try {
      const answer = context.with(open.context, () => next());
      follow(answer, call, ended);
      return answer;
    } catch (error) {
      ended(error);
      throw error;
    }
  };
}

/** Hears of the end of what the next interceptor answered, which may come before the end of the whole call. */
function follow(answer: unknown, call: ClientCallContext, ended: (error: unknown) => void): void {
  const { callKind } = call.method;
  if (callKind === "unary" || callKind === "clientStream") {
    if (isThenable(answer)) answer.then(() => ended(undefined), ended);
    else ended(undefined);
    return;
  }
  const followStream = (stream: unknown): void => {
    // A stream that an interceptor made has no trailers: its end is the call's.
    const trailers = (stream as { readonly trailers?: unknown } | undefined)?.trailers;
    if (isThenable(trailers)) trailers.then(() => ended(undefined), ended);
  };
  if (isThenable(answer)) answer.then(followStream, ended);
  else followStream(answer);
}

function outcomeOf(error: unknown): Outcome | undefined {
  if (error === undefined) return undefined;
  if (error instanceof CallError) {
    const { code, message } = error;
    return { attributes: { [names.statusCode]: code, [names.errorType]: code }, failure: message };
  }
  // No call came of it: a request that is none, or an interceptor that threw.
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { attributes: { [names.errorType]: name }, failure: message };
}

/** What the span is told besides. */
function detailsOf(error: unknown, { attempts, peer, execution }: ClientCallContext): Attributes {
  const place = peer === undefined ? {} : peerAttributes(peer);
  if (error === undefined) return attempts > 1 ? { ...place, [names.attempts]: attempts } : place;
  const phase = error instanceof CallError ? { [names.phase]: error.phase } : {};
  return { ...place, ...phase, [names.attempts]: attempts, [names.execution]: execution };
}
