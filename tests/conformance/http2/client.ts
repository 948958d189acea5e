// What h2specd judges: a client that sends one GET to the URL it is given and stays until the connection is over, so that
// it also hears what comes after its response. It is our HTTP/2 with its default limits: `node client.js URL`.
import { parseEndpoint } from "farcall/host";
import { type ExchangeOwner, FieldTemplate, type HttpConnection } from "farcall/http";
import { createRealMachine } from "farcall/net";
import { certs } from "../../support/certs/certs.ts";
import { HostedConnection } from "../../support/http2-host.ts";

const url = new URL(process.argv[2] ?? "");
const isTls = url.protocol === "https:";
const scheme = isTls ? "https" : "http";
const request = new FieldTemplate([
  ...[":method", "GET", ":scheme", scheme, ":path", url.pathname, ":authority", url.host],
]);

/** Time for our GOAWAY to leave. */
const lastWordMs = 30;
let isAsked = false;

function ask(connection: HttpConnection): void {
  if (isAsked) return;
  isAsked = true;
  const owner: ExchangeOwner = {
    onHead: () => {},
    onBody: (_bytes, start, end) => exchange.consumed(end - start),
    onTail: () => {},
    onWritable: () => {},
    onReset: () => {},
  };
  const exchange = connection.open(owner);
  exchange.head(request, undefined, true);
}

const machine = createRealMachine();
const endpoint = parseEndpoint(`${isTls ? "tls" : "tcp"}://${url.hostname}:${url.port}`, "connect");
const socket = await machine.network.connect(endpoint, isTls ? { tls: { ca: certs.authority.cert } } : {});
new HostedConnection(machine, socket, "client", {
  onRoom: ask,
  // The judge closes its side a second later, and nothing more happens until then.
  onClosed: () => setTimeout(() => process.exit(0), lastWordMs),
});
