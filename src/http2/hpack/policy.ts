// HPACK: which fields are worth an entry of the table, and which must not be in one (RFC 7541, section 7.1). A
// suggestion for callers that know nothing more about a field; it never sees the table.

/** How a field is sent: with an entry made for later blocks, with none, or with none on any hop of its way. */
export type HpackIndexing = "index" | "literal" | "never";

/** Names whose values hardly ever come twice on a connection: an entry would only push out a useful one. */
const changingNames: ReadonlySet<string> = new Set([
  ":path",
  "age",
  "content-length",
  "etag",
  "if-modified-since",
  "if-none-match",
  "location",
  "set-cookie",
  "traceparent",
  "tracestate",
]);

/** Credentials: whoever can add fields to our requests could otherwise guess them from a block's length. */
const secretNames: ReadonlySet<string> = new Set(["authorization", "proxy-authorization"]);

/** A cookie shorter than this can be guessed; a longer one repeats and has too many possible values. */
const minGuessProofCookie = 20;

/**
 * A default for `HpackEncoder.encodeField`. A protocol with few paths, such as RPC with its methods, does better to
 * index `:path` itself.
 */
export function defaultIndexing(name: string, value: string): HpackIndexing {
  if (secretNames.has(name) || (name === "cookie" && value.length < minGuessProofCookie)) return "never";
  return changingNames.has(name) ? "literal" : "index";
}
