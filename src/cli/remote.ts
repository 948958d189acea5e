// The command line: the server that a command calls: its address, TLS, time limit and metadata, as options say them.
import { readFileSync } from "node:fs";
import { AddressError } from "../host/endpoint.ts";
import { type DialOptions, dial, UsageError as RpcUsageError } from "../index.ts";
import type { Channel } from "../rpc/channel.ts";
import { Metadata, MetadataError, type MetadataValue } from "../rpc/metadata.ts";
import { CommandError, UsageError } from "./command.ts";
import { describeReadFailure } from "./file-tree.ts";

/** Options of every command that calls a server, for `readArguments`. */
export const remoteOptions = {
  timeout: { type: "string" },
  metadata: { type: "string", short: "H", multiple: true, default: [] as string[] },
  tls: { type: "boolean", default: false },
  ca: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  "server-name": { type: "string" },
  insecure: { type: "boolean", default: false },
} as const;

/** What their help says. */
export const remoteHelp = `  -H, --metadata 'K: V'     metadata to send; may be repeated. V is base64 where K ends in -bin
  --timeout TIME            as 500ms, 5s or 2m (default: the contract's, else 10s for a call without streams)
  --tls                     use TLS, as an address tls://... does
  --ca FILE                 PEM of the authorities to trust, instead of the machine's own
  --cert FILE, --key FILE   PEM of the client's certificate and its key
  --server-name NAME        the name that the server's certificate must have, if it is not the address's
  --insecure                send plain text beyond this machine`;

/** What an ADDRESS may be. */
export const addressHelp = "ADDRESS is tcp://HOST:PORT or only HOST:PORT, tls://HOST:PORT, or unix:/PATH.";

interface RemoteValues {
  readonly timeout?: string | undefined;
  readonly metadata: readonly string[];
  readonly tls: boolean;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly "server-name"?: string | undefined;
  readonly insecure: boolean;
}

/** A server to call. */
export interface Remote {
  readonly address: string;
  readonly channel: Channel;
  readonly metadata: Metadata;
  /** Undefined: the channel's defaults. */
  readonly timeoutMs: number | undefined;
  /** What to try when the server hangs up before it has spoken. */
  readonly whenHungUp: string | undefined;
}

/** Makes the channel; nothing is connected yet. Throws a `UsageError` or a `CommandError`. */
export function openRemote(text: string, values: RemoteValues): Remote {
  const metadata = readMetadata(values.metadata);
  const timeoutMs = values.timeout === undefined ? undefined : readDuration("--timeout", values.timeout);
  const address = readAddress(text, values.tls);
  const tls = readClientTls(address, values);
  const options: DialOptions = { insecure: values.insecure, ...(tls !== undefined && { tls }) };
  try {
    const whenHungUp = /^tcp:/i.test(address)
      ? "it may want TLS: try --tls"
      : /^tls:/i.test(address) && values.cert === undefined
        ? "it may want to know who you are: try --cert and --key"
        : undefined;
    return { address, channel: dial(address, options), metadata, timeoutMs, whenHungUp };
  } catch (error) {
    throw describeAddressProblem(error, address);
  }
}

/** What is wrong with an address, as the command line says it. */
export function describeAddressProblem(error: unknown, address: string): unknown {
  if (error instanceof AddressError) return new UsageError(error.message);
  if (error instanceof RpcUsageError && error.code === "INSECURE") {
    return new UsageError(`${address} would send plain text beyond this machine: use TLS, or --insecure`);
  }
  return error;
}

/** A time such as `5s`, in milliseconds. */
export function readDuration(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`${option} is a time such as 500ms, 5s or 2m, not ${text}`);
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as "ms" | "s" | "m" | "h"];
  return Number(number) * factor;
}

/** A file that an option names, as it is. */
export function readOptionFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    throw new CommandError(
      failure.code === "ENOENT" ? `${path}: there is no such file` : describeReadFailure(path, failure),
    );
  }
}

function readAddress(text: string, tls: boolean): string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\/|^(?:unix|memory):/i.test(text);
  const address = hasScheme ? text : `tcp://${text}`;
  if (!tls) return address;
  if (!/^t(?:cp|ls):/i.test(address)) throw new UsageError(`--tls is for tcp:// addresses, not ${address}`);
  return address.replace(/^tcp:/i, "tls:");
}

function readClientTls(
  address: string,
  { ca, cert, key, "server-name": serverName }: RemoteValues,
): DialOptions["tls"] {
  if (ca === undefined && cert === undefined && key === undefined && serverName === undefined) return undefined;
  if (!/^tls:/i.test(address)) throw new UsageError("--ca, --cert, --key and --server-name need --tls");
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key belong together");
  return {
    ...(ca !== undefined && { ca: readOptionFile(ca) }),
    ...(cert !== undefined && { cert: readOptionFile(cert) }),
    ...(key !== undefined && { key: readOptionFile(key) }),
    ...(serverName !== undefined && { serverName }),
  };
}

function readMetadata(lines: readonly string[]): Metadata {
  const metadata = new Metadata();
  for (const line of lines) {
    const [, name, text] = /^([^:\s]+):\s*(.*?)\s*$/s.exec(line) ?? [];
    if (name === undefined || text === undefined) throw new UsageError(`--metadata is 'name: value', not '${line}'`);
    try {
      metadata.append(name, readValue(name, text));
    } catch (error) {
      if (error instanceof MetadataError) throw new UsageError(`--metadata: ${error.message}`);
      throw error;
    }
  }
  return metadata;
}

function readValue(name: string, text: string): MetadataValue {
  if (!name.toLowerCase().endsWith("-bin")) return text;
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new UsageError(`--metadata: the value of ${name} is not base64`);
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** Metadata for people: a line an entry, bytes as base64. */
export function formatMetadata(metadata: Metadata): string[] {
  return [...metadata].map(([name, value]) => `${name}: ${formatValue(value)}`);
}

/** A value as JSON and people see it: bytes as base64. */
export function formatValue(value: MetadataValue): string {
  return typeof value === "string" ? value : Buffer.from(value).toString("base64");
}
