// The command line: `farcall serve`: serves the services of a module until it is told to stop.

import { isLoopback, parseEndpoint } from "../host/endpoint.ts";
import { type CertificateFiles, certificateFiles, type Served, type Server, type ServerTls } from "../index.ts";
import type { CertificatePaths } from "../net/certificate-files.ts";
import type { Implementation } from "../rpc/implement.ts";
import { type Command, CommandError, readArguments, UsageError } from "./command.ts";
import { loadServiceModule } from "./load-module.ts";
import { describeAddressProblem, readDuration } from "./remote.ts";
import type { Terminal } from "./terminal.ts";

const help = `farcall serve: serve the services of a module

usage: farcall serve MODULE --listen ADDRESS [OPTION]...

MODULE is a JavaScript module whose default export is a list of implementations:

  import { implement } from "farcall";
  export default [implement(Directories, { ... })];

A .ts module works where Node runs TypeScript itself (22.18 and later). ADDRESS is tcp://HOST:PORT (port 0: a free one),
tls://HOST:PORT or unix:/PATH. Health is always served; reflection where every address is of this machine alone.
SIGINT or SIGTERM lets open calls finish; a second one ends them. Certificate files that change are read again, for new
connections.

options:
  -l, --listen ADDRESS      where to listen; may be repeated
  --reflection              serve reflection at any address
  --no-reflection           serve none
  --drain TIME              how long open calls may take once a signal came (default: 5s)
  --cert FILE, --key FILE   PEM of the certificate and its key, for tls:// addresses
  --client-ca FILE          PEM of the authorities that must have signed clients' certificates
  --insecure                permit plain text beyond this machine
  --json                    print addresses and services as a line of JSON
  -h, --help                print this

example:
  farcall serve dist/directories.js --listen tcp://127.0.0.1:12345

Exit status: 0 done, 1 failed, 2 misused.`;

/** `farcall serve`. */
export const serveCommand: Command = {
  name: "serve",
  summary: "serve the services of a module",
  help,
  run,
};

interface ServeRequest {
  readonly module: string;
  readonly addresses: readonly string[];
  readonly reflection: boolean;
  readonly drainMs: number;
  readonly insecure: boolean;
  readonly certificates: (CertificatePaths & { readonly cert: string; readonly key: string }) | undefined;
  readonly json: boolean;
}

function readRequest(args: readonly string[]): ServeRequest {
  const { values, positionals } = readArguments(args, {
    listen: { type: "string", short: "l", multiple: true, default: [] },
    reflection: { type: "boolean", default: false },
    "no-reflection": { type: "boolean", default: false },
    drain: { type: "string", default: "5s" },
    cert: { type: "string" },
    key: { type: "string" },
    "client-ca": { type: "string" },
    insecure: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  const [module, ...more] = positionals;
  if (module === undefined) throw new UsageError("name the module with the services");
  if (more.length > 0) throw new UsageError(`one module at a time: ${more.join(" ")} is too much`);
  const addresses = values.listen;
  if (addresses.length === 0) throw new UsageError("say where to listen: --listen tcp://127.0.0.1:0");
  if (values.reflection && values["no-reflection"]) throw new UsageError("--reflection or --no-reflection, not both");
  if (addresses.some((address) => /^tls:/i.test(address)) && (values.cert === undefined || values.key === undefined)) {
    throw new UsageError("a tls:// address needs --cert and --key");
  }
  return {
    module,
    addresses,
    reflection: values.reflection || (!values["no-reflection"] && addresses.every(isOfThisMachine)),
    drainMs: readDuration("--drain", values.drain),
    insecure: values.insecure,
    certificates: readCertificatePaths(values),
    json: values.json,
  };
}

function isOfThisMachine(address: string): boolean {
  try {
    return isLoopback(parseEndpoint(address, "listen"));
  } catch (error) {
    throw describeAddressProblem(error, address);
  }
}

function readCertificatePaths(values: {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly "client-ca"?: string | undefined;
}): ServeRequest["certificates"] {
  const { cert, key, "client-ca": ca } = values;
  if (cert === undefined || key === undefined) {
    if (cert === undefined && key === undefined && ca === undefined) return undefined;
    throw new UsageError("--cert and --key belong together, and --client-ca to both");
  }
  return { cert, key, ...(ca !== undefined && { ca, requireClientCert: true }) };
}

/** The certificates in the files, which are read again when they change. */
function openCertificates(
  { certificates }: ServeRequest,
  { err }: Terminal,
): Promise<CertificateFiles<ServerTls> | undefined> {
  if (certificates === undefined) return Promise.resolve(undefined);
  return certificateFiles(certificates, {
    checkEveryMs: 1000,
    onReplaced: () => err.line("the certificate files have changed: new connections have what is in them now"),
    onProblem: ({ message }) => err.line(`${message}; the certificate before stays in use`),
  });
}

async function run(args: readonly string[], terminal: Terminal): Promise<void> {
  const request = readRequest(args);
  const { implementations, farcall } = await loadServiceModule(request.module);
  const names = implementations.flat().map(({ service }) => service.typeName);
  const listsReflection = names.some((name) => name.startsWith("grpc.reflection."));
  const served: Served[] = [...implementations];
  if (request.reflection && !listsReflection) served.push(farcall.reflection());
  const { addresses, insecure } = request;
  let tls: CertificateFiles<ServerTls> | undefined;
  let server: Server;
  try {
    tls = await openCertificates(request, terminal);
    server = await farcall.serve(addresses, served, { insecure, ...(tls !== undefined && { tls }) });
  } catch (error) {
    tls?.close();
    throw describeServeProblem(error, addresses.join(", "));
  }
  announce(server, served.flat(), request.json, terminal);
  await untilSignalled(server, request.drainMs, terminal);
  tls?.close();
}

function describeServeProblem(error: unknown, address: string): unknown {
  const described = describeAddressProblem(error, address);
  // By its name, for it may be the fault of another farcall's socket.
  const { name, message } = described as Error;
  return name === "SocketFault" ? new CommandError(message) : described;
}

function announce(server: Server, served: readonly Implementation[], json: boolean, { out }: Terminal): void {
  const services = served.map(({ service }) => service.typeName);
  if (json) return out.line(JSON.stringify({ addresses: server.addresses, services }));
  for (const address of server.addresses) out.line(`serving at ${out.style("bold", address)}: ${services.join(", ")}`);
}

/** Resolves when a signal came and the server is closed. */
async function untilSignalled(server: Server, drainMs: number, { err }: Terminal): Promise<void> {
  const signals = ["SIGINT", "SIGTERM"] as const;
  let onSignal = (): void => {};
  let isDraining = false;
  await new Promise<void>((resolve) => {
    onSignal = () => {
      if (isDraining) return void server.close();
      isDraining = true;
      err.line(`draining: open calls have ${drainMs / 1000} s (a second signal ends them)`);
      resolve(server.drain({ withinMs: drainMs }));
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
  for (const signal of signals) process.off(signal, onSignal);
}
