// A server of the interop matrix, whatever toolkit makes it: when it is drained it serves anew at the same port.
import { readFileSync } from "node:fs";

/** PEM texts. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface ServeOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Serves TLS. */
  readonly identity: Identity | undefined;
  /** The procedure Drain. */
  readonly drain: () => void;
}

/** A running server of interop.Probe and interop.Streams on loopback. */
export interface ProbeServer {
  readonly port: number;
  /** Lets open calls end, and takes no more. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Serves until it is closed; drained, it begins again. */
export async function serveAgain(
  serve: (options: ServeOptions) => Promise<ProbeServer>,
  identity?: Identity,
): Promise<Pick<ProbeServer, "port" | "close">> {
  let starting: Promise<ProbeServer>;
  const start = (port: number): Promise<ProbeServer> => {
    starting = serve({ port, identity, drain: () => void again() });
    return starting;
  };
  const again = async (): Promise<void> => {
    const drained = await starting;
    await drained.drain();
    await start(drained.port);
  };
  const { port } = await start(0);
  return { port, close: async () => (await starting).close() };
}

/** The files of the folder that INTEROP_TLS names; undefined: no TLS. */
export function readTlsFolder(): { readonly authority: string; readonly identity: Identity } | undefined {
  const folder = process.env["INTEROP_TLS"];
  if (folder === undefined) return undefined;
  const read = (name: string): string => readFileSync(`${folder}/${name}`, "utf8");
  return { authority: read("authority.crt"), identity: { cert: read("server.crt"), key: read("server.key") } };
}
