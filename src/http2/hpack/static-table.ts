// HPACK: the 61 fields that both sides know from the start (RFC 7541, appendix A). It never changes.

/** Name and value in turn: entry `i` of RFC 7541 stands at `2 * (i - 1)`. */
const pairs: readonly string[] = [
  ...[":authority", "", ":method", "GET", ":method", "POST", ":path", "/", ":path", "/index.html"],
  ...[":scheme", "http", ":scheme", "https", ":status", "200", ":status", "204", ":status", "206"],
  ...[":status", "304", ":status", "400", ":status", "404", ":status", "500", "accept-charset", ""],
  ...["accept-encoding", "gzip, deflate", "accept-language", "", "accept-ranges", "", "accept", ""],
  ...["access-control-allow-origin", "", "age", "", "allow", "", "authorization", "", "cache-control", ""],
  ...["content-disposition", "", "content-encoding", "", "content-language", "", "content-length", ""],
  ...["content-location", "", "content-range", "", "content-type", "", "cookie", "", "date", "", "etag", ""],
  ...["expect", "", "expires", "", "from", "", "host", "", "if-match", "", "if-modified-since", ""],
  ...["if-none-match", "", "if-range", "", "if-unmodified-since", "", "last-modified", "", "link", ""],
  ...["location", "", "max-forwards", "", "proxy-authenticate", "", "proxy-authorization", "", "range", ""],
  ...["referer", "", "refresh", "", "retry-after", "", "server", "", "set-cookie", ""],
  ...["strict-transport-security", "", "transfer-encoding", "", "user-agent", "", "vary", "", "via", ""],
  ...["www-authenticate", ""],
];

/** Number of static entries; the newest dynamic entry has the index after it. */
export const staticCount = pairs.length / 2;

/** Names by index: `staticNames[1]` is `:authority`; index 0 is not used. */
export const staticNames: readonly string[] = ["", ...pairs.filter((_, at) => at % 2 === 0)];

/** Values by index, beside `staticNames`. */
export const staticValues: readonly string[] = ["", ...pairs.filter((_, at) => at % 2 === 1)];

/** Where a name stands in the static table. */
export interface StaticName {
  /** The first entry with this name. */
  readonly index: number;
  /** The entries with this name by their value. */
  readonly byValue: ReadonlyMap<string, number>;
}

/** The static table by name, for encoders. */
export const staticByName: ReadonlyMap<string, StaticName> = indexByName();

function indexByName(): Map<string, StaticName> {
  const found = new Map<string, { index: number; byValue: Map<string, number> }>();
  for (let index = 1; index <= staticCount; index++) {
    const name = staticNames[index] as string;
    const entry = found.get(name) ?? { index, byValue: new Map() };
    entry.byValue.set(staticValues[index] as string, index);
    found.set(name, entry);
  }
  return found;
}
