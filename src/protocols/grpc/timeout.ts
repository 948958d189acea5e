// gRPC: the `grpc-timeout` field: up to eight digits and a unit (PROTOCOL-HTTP2.md, "Timeout").

const unitMs: { readonly [unit: string]: number } = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const maxDigits = 99_999_999;

/** Formats a timeout in milliseconds, rounded up to what can be said; below zero counts as zero. */
export function formatTimeout(timeoutMs: number): string {
  const rest = Math.max(0, timeoutMs);
  if (rest < 100) return `${Math.ceil(rest * 1000)}u`;
  if (rest <= maxDigits) return `${Math.ceil(rest)}m`;
  if (rest / 1000 <= maxDigits) return `${Math.ceil(rest / 1000)}S`;
  return `${Math.min(maxDigits, Math.ceil(rest / 3_600_000))}H`;
}

/** Milliseconds; undefined when the text is no timeout. */
export function parseTimeout(text: string): number | undefined {
  const match = /^([0-9]{1,8})([HMSmun])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (unitMs[match[2] as string] as number);
}
