// Host layer: addresses of endpoints, parsed before any system call. DESIGN: `tcp://host:port`, `tls://host:port`,
// `udp://host:port`, `unix:/path`, `unix:@abstract`, `memory:name`.

/** One end of a connection, or where to reach one. */
export type Endpoint =
  | { readonly kind: "tcp" | "tls" | "udp"; readonly host: string; readonly port: number }
  /** `path` of an abstract name begins with `@`. */
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "memory"; readonly name: string }
  /** A foreign duplex stream: it has no address of its own. */
  | { readonly kind: "duplex" };
