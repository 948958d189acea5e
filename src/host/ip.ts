// Host layer: IP addresses as text. Parsing is strict (no octal, no short forms), printing is canonical: dotted quads,
// and RFC 5952 for IPv6. It resolves no names and knows no sockets. RFC 4291 §2.2, RFC 4007 §11 (zones), RFC 5952 §4.

/** The four octets of a dotted quad without leading zeros, or undefined when the text is none. */
export function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const octets: number[] = [];
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    octets.push(Number(part));
  }
  return octets;
}

/** The eight 16-bit groups of an IPv6 address, and its zone (`eth0` of `fe80::1%eth0`). */
export interface Ipv6 {
  readonly groups: readonly number[];
  readonly zone: string | undefined;
}

/** Reads an IPv6 address without brackets, or returns undefined when the text is none. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? undefined : text.slice(percent + 1);
  if (zone !== undefined && !/^[A-Za-z0-9._~-]+$/.test(zone)) return undefined;
  const address = percent < 0 ? text : text.slice(0, percent);
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const tail = readGroups(halves[halves.length - 1] as string, true);
  if (halves.length === 1) return tail?.length === 8 ? { groups: tail, zone } : undefined;
  const head = readGroups(halves[0] as string, false);
  if (head === undefined || tail === undefined || head.length + tail.length > 7) return undefined;
  const zeros = new Array<number>(8 - head.length - tail.length).fill(0);
  return { groups: [...head, ...zeros, ...tail], zone };
}

/** Groups between colons; the last may be a dotted quad where `quadAllowed`. */
function readGroups(text: string, quadAllowed: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const octets = quadAllowed && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (octets === undefined) return undefined;
    const [a, b, c, d] = octets as [number, number, number, number];
    groups.push(a * 256 + b, c * 256 + d);
  }
  return groups;
}

/** The canonical text of RFC 5952: lower case, the longest run of zeros as `::`, IPv4-mapped addresses with a dotted quad. */
export function formatIpv6(address: Ipv6): string {
  const { groups } = address;
  const zone = address.zone === undefined ? "" : `%${address.zone}`;
  const quad = mappedIpv4(address);
  if (quad !== undefined) return `::ffff:${quad.join(".")}${zone}`;
  let runStart = 0;
  let runLength = 0;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > runLength) [runStart, runLength] = [start, length];
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  if (runLength < 2) return hex(0, 8) + zone;
  return `${hex(0, runStart)}::${hex(runStart + runLength, 8)}${zone}`;
}

/** The octets inside an IPv4-mapped address (`::ffff:127.0.0.1`), or undefined for any other. */
export function mappedIpv4(address: Ipv6): readonly number[] | undefined {
  const { groups } = address;
  if (groups[5] !== 0xffff || groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  const high = groups[6] as number;
  const low = groups[7] as number;
  return [high >> 8, high & 255, low >> 8, low & 255];
}
