// What h2spec judges: a server that answers any request with 200 and a few bytes, once the request has ended. It is our
// HTTP/2 with its default limits, and nothing above it. `node server.js clear|tls` prints `LISTENING port` and ends with its
// standard input.
import { formatEndpoint, parseEndpoint } from "farcall/host";
import { type Exchange, type ExchangeOwner, FieldTemplate } from "farcall/http";
import { createRealMachine } from "farcall/net";
import { certs } from "../../support/certs/certs.ts";
import { HostedConnection } from "../../support/http2-host.ts";

const head = new FieldTemplate([":status", "200", "content-type", "text/plain"]);
const body = new TextEncoder().encode("What comes over HTTP/2 is answered over HTTP/2.\n");

class Answer implements ExchangeOwner {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, isWhole: boolean) {
    this.#exchange = exchange;
    if (isWhole) this.#answer();
  }

  onHead(): void {}

  onBody(_bytes: Uint8Array, start: number, end: number, last: boolean): void {
    this.#exchange.consumed(end - start);
    if (last) this.#answer();
  }

  onTail(): void {
    this.#answer();
  }

  onWritable(): void {}
  onReset(): void {}

  #answer(): void {
    this.#exchange.head(head, undefined, false);
    this.#exchange.begin().writeBytes(body);
    this.#exchange.commit(true);
  }
}

const machine = createRealMachine();
const isTls = process.argv[2] === "tls";
const listener = await machine.network.listen(
  parseEndpoint(`${isTls ? "tls" : "tcp"}://127.0.0.1:0`, "listen"),
  isTls ? { tls: certs.server } : {},
  {
    onConnection: (socket) => {
      new HostedConnection(machine, socket, "server", {
        onExchange: (exchange, _head, last) => new Answer(exchange, last),
      });
    },
    onFault: (fault) => {
      throw fault;
    },
  },
);
console.log(`LISTENING ${formatEndpoint(listener.local).split(":").at(-1)}`);
process.stdin.on("end", () => process.exit(0)).resume();
