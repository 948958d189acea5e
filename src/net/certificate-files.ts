// The real machine: certificates in files, read again when they change, whoever changes them and however: written in place,
// renamed over, or behind a symbolic link that is swapped. What cannot be used is reported and replaces nothing.
import { readFile } from "node:fs/promises";
import { type ClientTls, type ServerTls, SocketFault, type Timer, type TlsSource } from "../host/index.ts";
import { realTimers } from "./clock.ts";
import { ReplaceableTls } from "./replaceable-tls.ts";
import { createContext, loadTls } from "./tls-settings.ts";

/** Paths of PEM files, and what else the settings have. */
export interface CertificatePaths {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string | readonly string[];
  /** As `ServerTls` has it. */
  readonly requireClientCert?: boolean;
  /** As `ClientTls` has it. */
  readonly serverName?: string;
}

export interface CertificateFilesOptions {
  /** Milliseconds between two looks at the files, at least 5. Default 5,000; `Infinity`: only `reload` looks. */
  readonly checkEveryMs?: number;
  /** The files have changed, and new connections have what is in them now. */
  readonly onReplaced?: () => void;
  /** The files have changed and cannot be used, or not be read; told once. Default: a warning of the process. */
  readonly onProblem?: (fault: SocketFault) => void;
}

const defaultCheckEveryMs = 5000;
const minCheckEveryMs = 5;

/** Attempts at reading files that change meanwhile. */
const maxReads = 3;

/** Settings from files, for `serve` and `dial`. */
export class CertificateFiles<Settings extends ClientTls | ServerTls> implements TlsSource<Settings> {
  readonly #paths: CertificatePaths;
  readonly #options: CertificateFilesOptions;
  readonly #tls: ReplaceableTls<Settings>;
  #reloads: Promise<unknown> = Promise.resolve();
  #timer: Timer | undefined = undefined;
  #problem: string | undefined = undefined;
  #isClosed = false;

  /** For `certificateFiles`, which reads the first settings. */
  constructor(paths: CertificatePaths, options: CertificateFilesOptions, settings: Settings) {
    this.#paths = paths;
    this.#options = options;
    this.#tls = new ReplaceableTls(settings);
    this.#arm();
  }

  get current(): Settings {
    return this.#tls.current;
  }

  subscribe(apply: (settings: Settings) => void): () => void {
    return this.#tls.subscribe(apply);
  }

  /** Reads the files now. True when they had changed. Rejects with a `SocketFault` when they cannot be used. */
  reload(): Promise<boolean> {
    // One after the other: an older reading never replaces a newer one.
    const reloading = this.#reloads.then(() => this.#reload());
    this.#reloads = reloading.catch(() => {});
    return reloading;
  }

  /** Looks at the files no more. Who uses the settings keeps them. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) realTimers.clear(this.#timer);
  }

  async #reload(): Promise<boolean> {
    const settings = await readUsable(this.#paths, async (read) => {
      if (!isSame(read, this.current)) await this.#tls.replace(read as Settings);
    });
    this.#problem = undefined;
    return settings === this.current;
  }

  #arm(): void {
    if (this.#isClosed) return;
    const { checkEveryMs = defaultCheckEveryMs } = this.#options;
    const delayMs = Math.max(minCheckEveryMs, checkEveryMs || 0);
    this.#timer = realTimers.set(() => void this.#look(), delayMs, { background: true });
  }

  async #look(): Promise<void> {
    const { onReplaced, onProblem = warn } = this.#options;
    try {
      if ((await this.reload()) && !this.#isClosed) callHook(() => onReplaced?.());
    } catch (error) {
      const fault = error as SocketFault;
      if (fault.message !== this.#problem && !this.#isClosed) callHook(() => onProblem(fault));
      this.#problem = fault.message;
    }
    this.#arm();
  }
}

/** A certificate with its key is enough to serve; what has none is for a client. */
export type SettingsOf<Paths extends CertificatePaths> = Paths extends { readonly cert: string; readonly key: string }
  ? ServerTls
  : ClientTls;

/**
 * Reads certificates and keys from files, and again when they change, until `close`. Rejects with a `SocketFault`
 * (`tls-failed`) when they cannot be read or used.
 */
export async function certificateFiles<Paths extends CertificatePaths>(
  paths: Paths,
  options: CertificateFilesOptions = {},
): Promise<CertificateFiles<SettingsOf<Paths>>> {
  const library = await loadTls();
  const settings = await readUsable(paths, async (read) => void createContext(library, read, "the certificate files"));
  return new CertificateFiles(paths, options, settings as SettingsOf<Paths>);
}

/**
 * Reads all files and hands them to `use`. What fails is tried again until it fails twice alike: files that change meanwhile
 * are read partly before and partly after.
 */
async function readUsable(paths: CertificatePaths, use: (read: ClientTls) => Promise<void>): Promise<ClientTls> {
  let last: ClientTls | undefined;
  for (let reads = 1; ; reads++) {
    let read: ClientTls | undefined;
    try {
      read = await readAll(paths);
      await use(read);
      return read;
    } catch (error) {
      if (reads === maxReads || (read !== undefined && last !== undefined && isSame(read, last))) {
        throw read === undefined ? error : withPaths(error, paths);
      }
      last = read;
    }
  }
}

async function readAll({ ca, cert, key, ...more }: CertificatePaths): Promise<ClientTls> {
  return {
    ...more,
    ...(ca !== undefined && { ca: await Promise.all([ca].flat().map(readPem)) }),
    ...(cert !== undefined && { cert: await readPem(cert) }),
    ...(key !== undefined && { key: await readPem(key) }),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : message;
    const options = { cause: error, ...(code !== undefined && { systemCode: code }) };
    throw new SocketFault("tls-failed", `${path} cannot be read: ${reason}`, options);
  }
}

function isSame(one: ClientTls, other: ClientTls): boolean {
  return (
    [one.cert, one.key, ...[one.ca ?? []].flat()].join() === [other.cert, other.key, ...[other.ca ?? []].flat()].join()
  );
}

function warn({ message }: SocketFault): void {
  process.emitWarning(`${message}; the certificate before stays in use`, "CertificateWarning");
}

/** A hook that fails has nobody to tell it to; the files are looked at all the same. */
function callHook(hook: () => void): void {
  try {
    hook();
  } catch {
    // As said above.
  }
}

/** Says which files are meant. */
function withPaths(error: unknown, { cert, key, ca }: CertificatePaths): unknown {
  if (!(error instanceof SocketFault)) return error;
  const files = [cert, key, ca].flat().filter((path) => path !== undefined);
  const options = { cause: error, ...(error.systemCode !== undefined && { systemCode: error.systemCode }) };
  return new SocketFault("tls-failed", `${error.message} (${files.join(", ")})`, options);
}
