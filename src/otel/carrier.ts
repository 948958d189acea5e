// OpenTelemetry: metadata as what carries a trace from one side to the other (W3C Trace Context: `traceparent`,
// `tracestate`), read and written by whatever propagator the program has.
import type { TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { type Metadata, MetadataError } from "../rpc/metadata.ts";

/** A call, not its metadata: a server reads those only when somebody asks for them. */
interface Carrier {
  readonly metadata: Metadata;
}

export const callGetter: TextMapGetter<Carrier> = {
  get({ metadata }, name) {
    const texts = metadata.getAll(name).filter((value) => typeof value === "string");
    return texts.length > 1 ? texts : texts[0];
  },
  keys({ metadata }) {
    return Object.keys(metadata.toJSON());
  },
};

export const callSetter: TextMapSetter<Carrier> = {
  set({ metadata }, name, value) {
    try {
      metadata.set(name, value);
    } catch (error) {
      // What metadata cannot carry does not travel; the call goes on without it.
      if (!(error instanceof MetadataError)) throw error;
    }
  },
};
