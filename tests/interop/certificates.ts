// The tests' certificates as files, as every peer reads them: authority.crt, server.crt, server.key.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certs } from "../support/certs/certs.ts";
import type { Identity } from "./serving.ts";

export interface Certificates {
  readonly folder: string;
  /** What clients trust. */
  readonly authority: string;
  /** What the server proves itself with. */
  readonly identity: Identity;
  remove(): void;
}

/** Writes them to a folder of their own; the server's is for localhost, or for another name. */
export function makeCertificates(name: "tls" | "other-name"): Certificates {
  const identity = name === "tls" ? certs.server : certs.otherName;
  const folder = mkdtempSync(join(tmpdir(), "farcall-interop-"));
  writeFileSync(join(folder, "authority.crt"), certs.authority.cert);
  writeFileSync(join(folder, "server.crt"), identity.cert);
  writeFileSync(join(folder, "server.key"), identity.key);
  return {
    folder,
    authority: certs.authority.cert,
    identity,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
