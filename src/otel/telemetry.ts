// OpenTelemetry: what both sides do with a call: a span and metrics from its beginning to its end. It decides nothing, and
// nothing that goes wrong here reaches the call.
import {
  type Attributes,
  type Context,
  diag,
  type Histogram,
  metrics,
  propagation,
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
import { version } from "../rpc/version.ts";
import { clientMetricNames, durationBoundaries, attributeNames as names, serverMetricNames } from "./names.ts";
import type { TelemetryOptions } from "./options.ts";

/** What the calls of both sides have in common. */
export interface SeenCall {
  readonly method: Method;
  readonly clock: Clock;
  readonly sentCount: number;
  readonly receivedCount: number;
}

/** How a call ended. */
export interface Outcome {
  /** For the span and the duration. */
  readonly attributes: Attributes;
  /** For the span alone. */
  readonly more?: Attributes;
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

export const succeeded: Outcome = { attributes: { [names.statusCode]: "OK" } };

/** The telemetry of one interceptor. */
export class Telemetry<Call extends SeenCall> {
  readonly propagator: Pick<TextMapPropagator, "inject" | "extract"> | undefined;
  readonly #kind: SpanKind.CLIENT | SpanKind.SERVER;
  readonly #options: TelemetryOptions<Call>;
  readonly #methods = new WeakMap<Method, Attributes>();
  #tracer: Tracer | undefined = undefined;
  #instruments: Instruments | undefined = undefined;

  constructor(kind: SpanKind.CLIENT | SpanKind.SERVER, options: TelemetryOptions<Call>) {
    this.#kind = kind;
    this.#options = options;
    const { propagator } = options;
    this.propagator = propagator === false ? undefined : (propagator ?? propagation);
  }

  /** Whether the call is told of. */
  wants(call: Call): boolean {
    return this.#ask("filter", this.#options.filter, call) !== false;
  }

  /** Begins a call within `parent`. */
  begin(call: Call, parent: Context, place: Attributes): OpenCall {
    this.#tracer ??= (this.#options.tracerProvider ?? trace).getTracer(scope, version);
    this.#instruments ??= this.#createInstruments();
    const { method } = call;
    const common = this.#commonOf(method);
    const own = this.#ask("attributes", this.#options.attributes, call);
    const span = this.#tracer.startSpan(
      method.path.slice(1),
      { kind: this.#kind, attributes: { ...common, ...place, ...own } },
      parent,
    );
    return new OpenCall(call, { span, context: trace.setSpan(parent, span), common, instruments: this.#instruments });
  }

  /** The attributes that all calls of a method have; the same object for all of them. */
  #commonOf(method: Method): Attributes {
    let common = this.#methods.get(method);
    if (common === undefined) {
      common = { [names.system]: "grpc", [names.method]: method.path.slice(1) };
      this.#methods.set(method, common);
    }
    return common;
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
  readonly #common: Attributes;
  readonly #instruments: Instruments;
  readonly #beganAt: number;
  #hasEnded = false;

  constructor(
    call: SeenCall,
    parts: {
      readonly span: Span;
      readonly context: Context;
      readonly common: Attributes;
      readonly instruments: Instruments;
    },
  ) {
    this.#call = call;
    this.#span = parts.span;
    this.context = parts.context;
    this.#common = parts.common;
    this.#instruments = parts.instruments;
    this.#beganAt = call.clock.now();
    this.#instruments.activeCalls.add(1, this.#common, this.context);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Ends the call; the first end counts. */
  end({ attributes, more, failure, exception }: Outcome): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { method, clock, sentCount, receivedCount } = this.#call;
    const seconds = (clock.now() - this.#beganAt) / 1000;
    const span = this.#span;
    span.setAttributes(more === undefined ? attributes : { ...attributes, ...more });
    if (exception !== undefined) span.recordException(exception);
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    span.end();
    const { duration, activeCalls, sentMessages, receivedMessages } = this.#instruments;
    const all = { ...this.#common, ...attributes };
    activeCalls.add(-1, this.#common, this.context);
    duration.record(seconds, all, this.context);
    if (method.callKind === "unary") return;
    sentMessages.record(sentCount, all, this.context);
    receivedMessages.record(receivedCount, all, this.context);
  }
}
