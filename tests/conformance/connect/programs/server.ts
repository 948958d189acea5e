// Connect's conformance suite: the server under test. It reads how it is to serve, says where it does, and serves until it is
// told to stop.
/// <reference types="node" />
import { serve } from "farcall";
import { ServerCompatRequest, ServerCompatResponse } from "./connectrpc/conformance/v1/server_compat.js";
import { conformanceService } from "./handlers.js";
import { readMessages, writeMessage } from "./pipe.js";

const { value: wanted } = await readMessages(ServerCompatRequest).next();
if (wanted === undefined) throw new Error("the runner did not say how to serve");
const { protocol, httpVersion, useTls, serverCreds, clientTlsCert, messageReceiveLimit } = wanted;
if (protocol !== "PROTOCOL_GRPC" || httpVersion !== "HTTP_VERSION_2") {
  throw new Error(`${protocol} over ${httpVersion} is not served here`);
}

const tls = useTls &&
  serverCreds !== undefined && {
    ...{ cert: serverCreds.cert, key: serverCreds.key },
    ...(clientTlsCert.length > 0 && { ca: clientTlsCert, requireClientCert: true }),
  };
const server = await serve(`${tls ? "tls" : "tcp"}://127.0.0.1:0`, [conformanceService], {
  compression: "gzip",
  ...(messageReceiveLimit > 0 && { maxMessageBytes: messageReceiveLimit }),
  ...(tls && { tls }),
});
process.on("SIGTERM", () => void server.close().then(() => process.exit(0)));

const address = new URL((server.addresses[0] as string).replace(/^(tcp|tls)/, "http"));
writeMessage(ServerCompatResponse, {
  host: address.hostname,
  port: Number(address.port),
  ...(tls && { pemCert: tls.cert }),
});
