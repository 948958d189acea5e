// Test support: OpenTelemetry's own SDK with everything kept in memory, and a service of all four kinds to be told of.
import { context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { bidiStream, clientStream, message, serverStream, service, string, uint32, unary } from "farcall/idl";

export const Text = message("told.Text", { text: string(1), count: uint32(2) });
export const Desk = service("told.Desk", {
  ask: unary(Text, Text),
  watch: serverStream(Text, Text),
  gather: clientStream(Text, Text),
  chat: bidiStream(Text, Text),
});

/** Gathers on demand, nothing on its own. */
class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** One point of a metric. */
export interface Point {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The sum of a counter, or of a histogram's values. */
  readonly sum: number;
  /** Values of a histogram. */
  readonly count: number | undefined;
}

/** What one program would have: its spans and its metrics. */
export class Recorder {
  readonly #exporter = new InMemorySpanExporter();
  readonly #reader = new Reader();
  readonly tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] });
  readonly meterProvider = new MeterProvider({ readers: [this.#reader] });
  readonly tracer = this.tracerProvider.getTracer("test");

  /** Spans that have ended, in the order of their ends. */
  get spans(): ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** Options of either interceptor. */
  get options() {
    return { tracerProvider: this.tracerProvider, meterProvider: this.meterProvider };
  }

  /** The one span of a name and kind that has ended. */
  span(name: string, kind: number): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name && span.kind === kind);
    if (found.length !== 1) throw new Error(`${found.length} spans are ${name} of kind ${kind}`);
    return found[0] as ReadableSpan;
  }

  async points(name: string): Promise<Point[]> {
    const { resourceMetrics } = await this.#reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return all
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ descriptor: { unit }, dataPoints }) =>
        dataPoints.map(({ attributes, value }) =>
          typeof value === "number"
            ? { name, unit, attributes, sum: value, count: undefined }
            : { name, unit, attributes, sum: (value as { sum?: number }).sum ?? 0, count: value.count },
        ),
      );
  }
}

/** Registers what a program's set-up would: contexts that follow calls, and W3C's propagator. */
export function registerGlobals(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** The span that another is a child of, as its id. */
export function parentOf(span: ReadableSpan): string | undefined {
  return span.parentSpanContext?.spanId;
}
