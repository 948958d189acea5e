// IDL layer, generator: what ties generated modules to their runtime. It grows when either can no longer do with the other.

/** The version of what generated code expects of its runtime: a module says it, and the runtime checks it at import. */
export const generatedVersion = 3;
