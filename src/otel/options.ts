// OpenTelemetry: what a program may say of its telemetry.
import type { Attributes, MeterProvider, TextMapPropagator, TracerProvider } from "@opentelemetry/api";

/** Options of `clientTelemetry` and `serverTelemetry`; `Call` is what their interceptors see of a call. */
export interface TelemetryOptions<Call> {
  /** Makes the spans. Default: the API's global one, which does nothing until an SDK is registered. */
  readonly tracerProvider?: TracerProvider;
  /** Makes the metrics. Default: the API's global one as it is at the first call. */
  readonly meterProvider?: MeterProvider;
  /**
   * Writes a trace into metadata, and reads it there. Default: the API's global one, W3C Trace Context with most SDKs.
   * `false`: a client tells servers nothing; on a server each call begins a trace of its own.
   */
  readonly propagator?: TextMapPropagator | false;
  /** Which calls are told of; the others pass as if this were not here. Default: all. */
  readonly filter?: (call: Call) => boolean;
  /** More attributes for a call's span, or others in the place of ours, asked for when it begins. Metrics do not get them. */
  readonly attributes?: (call: Call) => Attributes;
}
