// gRPC's interoperability tests: our server, for the clients of others: `node server.js PORT [CERTIFICATE KEY]`.
import { readFileSync } from "node:fs";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { CompressionWatch } from "./compression-watch.ts";
import { maxMessageBytes } from "./contract.ts";
import { implementInterop } from "./handlers.ts";

const [port, cert, key] = process.argv.slice(2);
const watch = new CompressionWatch();
const tls = cert !== undefined && key !== undefined && { cert: readFileSync(cert), key: readFileSync(key) };
const server = await createRuntime(watch.watchMachine(createRealMachine())).serve(
  `${tls ? "tls" : "tcp"}://127.0.0.1:${port}`,
  implementInterop(watch),
  { compression: "gzip", maxMessageBytes, ...(tls && { tls }) },
);
process.on("SIGTERM", () => void server.close().then(() => process.exit(0)));
