// HTTP/2 layer: whether a block of fields is well-formed (RFC 9113 sections 8.2 and 8.3). A malformed one is a stream error.

/** Which rules apply. */
export type BlockKind = "request" | "response" | "trailers";

// Token characters of RFC 9110 section 5.6.2, without upper case (RFC 9113 section 8.2.1).
const nameChars = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// Anything but NUL, LF and CR, and no blank at either end (RFC 9113 section 8.2.1).
const badValue = /[\0\n\r]|^[ \t]|[ \t]$/;
const connectionFields = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);
/** Fields by which hops of different opinion would see different messages; repeated, they must agree. */
const singleFields = new Set(["content-length", "host"]);
// RFC 3986 section 3.2: a host and a port, percent-encoded where need be.
const authorityChars = /^[0-9A-Za-z\-._~!$&'()*+,;=:@[\]%]*$/;
/** What pseudo-fields may hold: anything else would be routed, logged or passed on by somebody as something else. */
const pseudoFields: { readonly [kind in BlockKind]: ReadonlyMap<string, RegExp> } = {
  request: new Map([
    // RFC 9110 section 9.1: a token.
    [":method", /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/],
    // RFC 3986 section 3.1.
    [":scheme", /^(?:[A-Za-z][A-Za-z0-9+\-.]*)?$/],
    // RFC 9113 section 8.3.1. What is not ASCII is let through.
    [":path", /^[!-~\x80-\xff]*$/],
    [":authority", authorityChars],
  ]),
  response: new Map([[":status", /^[1-9][0-9][0-9]$/]]),
  trailers: new Map(),
};

/** One sentence that says why the block is malformed, or undefined. `list` holds names and values in turn. */
export function checkFields(list: readonly string[], kind: BlockKind): string | undefined {
  const seen = new Map<string, string>();
  let regular = false;
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] as string;
    const value = list[index + 1] as string;
    if (name.charCodeAt(0) === 0x3a) {
      if (regular) return `pseudo-field ${name} comes after a regular field`;
      const fault = checkPseudoField(name, value, kind);
      if (fault !== undefined) return fault;
      if (seen.has(name)) return `pseudo-field ${name} comes twice`;
      seen.set(name, value);
    } else {
      regular = true;
      const fault = checkRegularField(name, value);
      if (fault !== undefined) return fault;
      if (singleFields.has(name)) {
        if ((seen.get(name) ?? value) !== value) return `${name} comes twice, with different values`;
        seen.set(name, value);
      }
    }
  }
  if (kind === "request") return checkRequest(seen);
  if (kind === "response" && !seen.has(":status")) return "the response has no :status";
  return undefined;
}

function checkPseudoField(name: string, value: string, kind: BlockKind): string | undefined {
  if (kind === "trailers") return `trailers hold the pseudo-field ${name}`;
  const allowed = pseudoFields[kind].get(name);
  if (allowed === undefined) return `${JSON.stringify(name)} is no pseudo-field of a ${kind}`;
  return allowed.test(value) ? undefined : `${name} is ${JSON.stringify(value)}`;
}

function checkRegularField(name: string, value: string): string | undefined {
  if (!nameChars.test(name)) return `the field name ${JSON.stringify(name)} is not allowed`;
  if (badValue.test(value)) return `the value of ${name} has a character that is not allowed`;
  if (connectionFields.has(name)) return `the connection-specific field ${name} is not allowed in HTTP/2`;
  if (name === "content-length" && !/^[0-9]{1,15}$/.test(value)) return `content-length is ${JSON.stringify(value)}`;
  if (name === "host" && !authorityChars.test(value)) return `host is ${JSON.stringify(value)}`;
  if (name === "te" && value !== "trailers") return `te is ${JSON.stringify(value)}, only "trailers" is allowed`;
  return undefined;
}

function checkRequest(seen: ReadonlyMap<string, string>): string | undefined {
  const method = seen.get(":method");
  const authority = seen.get(":authority");
  const host = seen.get("host");
  if (method === undefined || method === "") return "the request has no :method";
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    return `host is ${JSON.stringify(host)}, but :authority ${JSON.stringify(authority)}`;
  }
  if (method === "CONNECT") {
    if (seen.has(":scheme") || seen.has(":path")) return "a CONNECT request has :scheme or :path";
    return authority !== undefined ? undefined : "a CONNECT request has no :authority";
  }
  if (!seen.get(":scheme")) return "the request has no :scheme";
  if (!seen.get(":path")) return "the request has no :path";
  return undefined;
}
