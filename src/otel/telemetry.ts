// OpenTelemetry: what both sides do with a call: a span and metrics from its beginning to its end. It decides nothing, and
// nothing that goes wrong here reaches the call.
import {
  type Attributes,
  type Context,
  diag,
  type Histogram,
  isSpanContextValid,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
  type UpDownCounter,
} from "@opentelemetry/api";
import type { Clock } from "../host/clock.ts";
import type { Method } from "../marshal/types.ts";
import type { Metadata } from "../rpc/metadata.ts";
import { version } from "../rpc/version.ts";
import { callGetter, callSetter } from "./carrier.ts";
import { clientMetricNames, durationBoundaries, attributeNames as names, serverMetricNames } from "./names.ts";
import type { TelemetryOptions } from "./options.ts";

/** What the calls of both sides have in common. */
export interface SeenCall {
  readonly method: Method;
  readonly metadata: Metadata;
  readonly clock: Clock;
  readonly sentCount: number;
  readonly receivedCount: number;
}

/** How a call failed. */
export interface Outcome {
  /** For the span and the metrics. */
  readonly attributes: Attributes;
  /** The sentence of a failure that this side answers for. */
  readonly failure?: string;
  /** What a handler threw that is no status. */
  readonly exception?: Error;
}

interface Instruments {
  readonly duration: Histogram;
  readonly activeCalls: UpDownCounter;
  readonly sentMessages: Histogram;
  readonly receivedMessages: Histogram;
}

const scope = "farcall";

/** What all calls of a method have in common: the same objects for all of them. */
interface MethodAttributes {
  readonly all: Attributes;
  readonly succeeded: Attributes;
  /** Those of the newest span at its beginning, and the place that is in them: it is mostly the same again. */
  place: Attributes | undefined;
  placed: Attributes;
}

/** The telemetry of one interceptor. */
export class Telemetry<Call extends SeenCall> {
  readonly #propagator: Pick<TextMapPropagator, "inject" | "extract"> | undefined;
  readonly #kind: SpanKind.CLIENT | SpanKind.SERVER;
  readonly #options: TelemetryOptions<Call>;
  readonly #methods = new WeakMap<Method, MethodAttributes>();
  #tracer: Tracer | undefined = undefined;
  #instruments: Instruments | undefined = undefined;

  constructor(kind: SpanKind.CLIENT | SpanKind.SERVER, options: TelemetryOptions<Call>) {
    this.#kind = kind;
    this.#options = options;
    const { propagator } = options;
    this.#propagator = propagator === false ? undefined : (propagator ?? propagation);
  }

  /** Whether the call is told of. */
  wants(call: Call): boolean {
    return this.#ask("filter", this.#options.filter, call) !== false;
  }

  /** Writes the trace of a context into the call's metadata. */
  inject(call: Call, active: Context): void {
    try {
      this.#propagator?.inject(active, call, callSetter);
    } catch (error) {
      diag.error("farcall/otel: the propagator threw", error);
    }
  }

  /** The context that the call's metadata tell of; the active one is of whoever opened the socket, and means nothing. */
  extract(call: Call): Context {
    try {
      return this.#propagator?.extract(ROOT_CONTEXT, call, callGetter) ?? ROOT_CONTEXT;
    } catch (error) {
      diag.error("farcall/otel: the propagator threw", error);
      return ROOT_CONTEXT;
    }
  }

  /** Begins a call within `parent`. */
  begin(call: Call, parent: Context, place: Attributes): OpenCall {
    this.#tracer ??= (this.#options.tracerProvider ?? trace).getTracer(scope, version);
    this.#instruments ??= this.#createInstruments();
    const { method } = call;
    const attributes = this.#attributesOf(method);
    if (attributes.place !== place) {
      attributes.place = place;
      attributes.placed = { ...attributes.all, ...place };
    }
    const { placed } = attributes;
    const own = this.#ask("attributes", this.#options.attributes, call);
    const begun = { kind: this.#kind, attributes: own === undefined ? placed : { ...placed, ...own } };
    const span = this.#tracer.startSpan(attributes.all[names.method] as string, begun, parent);
    // Without an SDK the span says nothing to anybody, and a context for it would be one more object a call.
    const isNothing = !span.isRecording() && !isSpanContextValid(span.spanContext());
    const within = isNothing ? parent : trace.setSpan(parent, span);
    return new OpenCall(call, { span, context: within, attributes, instruments: this.#instruments });
  }

  #attributesOf(method: Method): MethodAttributes {
    let attributes = this.#methods.get(method);
    if (attributes === undefined) {
      const all = { [names.system]: "grpc", [names.method]: method.path.slice(1) };
      attributes = { all, succeeded: { ...all, [names.statusCode]: "OK" }, place: undefined, placed: all };
      this.#methods.set(method, attributes);
    }
    return attributes;
  }

  /** Asks a function of the program; one that throws is reported, and has said nothing. */
  #ask<Answer>(option: string, ask: ((call: Call) => Answer) | undefined, call: Call): Answer | undefined {
    try {
      return ask?.(call);
    } catch (error) {
      diag.error(`farcall/otel: the option ${option} threw`, error);
      return undefined;
    }
  }

  #createInstruments(): Instruments {
    const meter = (this.#options.meterProvider ?? metrics).getMeter(scope, version);
    const isClient = this.#kind === SpanKind.CLIENT;
    const metricNames = isClient ? clientMetricNames : serverMetricNames;
    const calls = isClient ? "outgoing" : "incoming";
    return {
      duration: meter.createHistogram(metricNames.duration, {
        unit: "s",
        description: `Duration of an ${calls} call.`,
        advice: { explicitBucketBoundaries: durationBoundaries },
      }),
      activeCalls: meter.createUpDownCounter(metricNames.activeCalls, {
        unit: "{call}",
        description: `${isClient ? "Outgoing" : "Incoming"} calls that have not ended.`,
      }),
      sentMessages: meter.createHistogram(metricNames.sentMessages, {
        unit: "{message}",
        description: `Messages sent in an ${calls} streaming call.`,
      }),
      receivedMessages: meter.createHistogram(metricNames.receivedMessages, {
        unit: "{message}",
        description: `Messages received in an ${calls} streaming call.`,
      }),
    };
  }
}

/** One call on its way. */
export class OpenCall {
  /** Where the call's span is the active one. */
  readonly context: Context;
  readonly #call: SeenCall;
  readonly #span: Span;
  readonly #attributes: MethodAttributes;
  readonly #instruments: Instruments;
  readonly #beganAt: number;
  #hasEnded = false;

  constructor(
    call: SeenCall,
    parts: {
      readonly span: Span;
      readonly context: Context;
      readonly attributes: MethodAttributes;
      readonly instruments: Instruments;
    },
  ) {
    this.#call = call;
    this.#span = parts.span;
    this.context = parts.context;
    this.#attributes = parts.attributes;
    this.#instruments = parts.instruments;
    this.#beganAt = call.clock.now();
    this.#instruments.activeCalls.add(1, this.#attributes.all, this.context);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Ends the call, without an outcome well; the first end counts. `details` are asked for when the span is recorded. */
  end(outcome: Outcome | undefined, details?: () => Attributes): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { all, succeeded } = this.#attributes;
    const attributes = outcome === undefined ? succeeded : { ...all, ...outcome.attributes };
    const { method, clock, sentCount, receivedCount } = this.#call;
    const seconds = (clock.now() - this.#beganAt) / 1000;
    if (this.#span.isRecording()) this.#tellSpan(outcome, details?.());
    this.#span.end();
    const { duration, activeCalls, sentMessages, receivedMessages } = this.#instruments;
    activeCalls.add(-1, all, this.context);
    duration.record(seconds, attributes, this.context);
    if (method.callKind === "unary") return;
    sentMessages.record(sentCount, attributes, this.context);
    receivedMessages.record(receivedCount, attributes, this.context);
  }

  #tellSpan(outcome: Outcome | undefined, details: Attributes | undefined): void {
    const span = this.#span;
    if (details !== undefined) span.setAttributes(details);
    if (outcome === undefined) {
      span.setAttribute(names.statusCode, "OK");
      return;
    }
    const { attributes, failure, exception } = outcome;
    span.setAttributes(attributes);
    if (exception !== undefined) span.recordException(exception);
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  }
}
