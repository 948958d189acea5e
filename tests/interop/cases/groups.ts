// Every case of the interop matrix by the group that it is in, in the order of the table; the foreign peers have the same
// names in their own languages. What a group needs of the server is said here, and nothing of how it is had.
import type { Case } from "./checks.ts";
import { drainCases, endingCases, nameCases } from "./endings.ts";
import { compressionCases, metadataCases, streamCases, tlsCases, volumeCases } from "./streams.ts";
import { unaryCases } from "./unary.ts";

/** plain; counted: with what passes counted; tls; other-name: TLS with a certificate for another name. */
export type Setting = "plain" | "counted" | "tls" | "other-name";

export interface Group {
  readonly title: string;
  readonly setting: Setting;
  readonly cases: ReadonlyMap<string, Case>;
}

const group = (title: string, setting: Setting, cases: readonly (readonly [string, Case])[]): Group => ({
  title,
  setting,
  cases: new Map(cases),
});

export const groups: readonly Group[] = [
  group("unary calls", "plain", unaryCases),
  group("streams", "plain", streamCases),
  group("volume", "plain", volumeCases),
  group("metadata of streams", "plain", metadataCases),
  group("endings of streams", "plain", endingCases),
  group("graceful shutdown", "plain", drainCases),
  group("compression", "counted", compressionCases),
  group("TLS", "tls", tlsCases),
  group("TLS, another name", "other-name", nameCases),
];

export const settings: readonly Setting[] = ["plain", "counted", "tls", "other-name"];
