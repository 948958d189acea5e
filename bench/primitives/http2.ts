// Benchmark, primitives: header blocks, and unary exchanges between two HTTP/2 machines in memory. No socket, no timer.
import { Writer } from "farcall/bytes";
import {
  type ConnectionOwner,
  type Exchange,
  type ExchangeOwner,
  FieldTemplate,
  type HttpConnection,
} from "farcall/http";
import { createHttp2Connection, HpackDecoder, HpackEncoder } from "farcall/http2";
import type { Contestant } from "../support/race.ts";

const requestFields = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/bench.Echo/Echo"],
  [":authority", "127.0.0.1:50051"],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
  ["user-agent", "farcall"],
  ["grpc-accept-encoding", "identity,gzip"],
  ["x-tenant", "acme"],
  ["x-region", "eu-west-3"],
] as const;

/** Ten fields, all in the table after the first block: what every call of a connection repeats. */
function headerBlocks(): Contestant[] {
  const encoder = new HpackEncoder();
  const writer = new Writer();
  const encodeBlock = (): number => {
    writer.reset();
    encoder.beginBlock(writer);
    for (const [name, value] of requestFields) encoder.encodeField(writer, name, value, "index");
    return writer.position;
  };
  encodeBlock();
  const first = writer.toBytes();
  encodeBlock();
  const second = writer.toBytes();
  const decoder = new HpackDecoder();
  let fields = 0;
  const sink = {
    onField() {
      fields++;
    },
  };
  decoder.decode(first, 0, first.length, sink);
  return [
    {
      name: "encode a header block of 10 indexed fields",
      run(times) {
        let bytes = 0;
        for (let time = 0; time < times; time++) bytes += encodeBlock();
        return bytes;
      },
    },
    {
      name: "decode a header block of 10 indexed fields",
      run(times) {
        for (let time = 0; time < times; time++) {
          const fault = decoder.decode(second, 0, second.length, sink);
          if (fault !== undefined) throw new Error(fault.message);
        }
        return fields;
      },
    },
  ];
}

const head = new FieldTemplate(requestFields.flat());
const replyHead = new FieldTemplate([":status", "200", "content-type", "application/grpc"]);
const replyTail = new FieldTemplate(["grpc-status", "0"]);
const body = new Uint8Array(41).fill(7);

const ignore = (): void => {};

/** Two machines whose output goes straight into each other. */
class Pair {
  readonly #client: HttpConnection;
  readonly #server: HttpConnection;
  readonly #parts: Uint8Array[] = [];
  #returned = 0;

  constructor() {
    const told = { onReady: ignore, onCapacity: ignore, onPong: ignore, onLimit: ignore, onDraining: ignore };
    const refuse = (): ExchangeOwner => {
      throw new Error("a server does not open exchanges");
    };
    const passive = { onOutput: ignore, onMuchOutput: ignore, onOverlongHead: refuse, ...told };
    const onClosed = (reason: string): void => {
      throw new Error(reason);
    };
    const client: ConnectionOwner = { ...passive, onClosed, onExchange: refuse };
    const server: ConnectionOwner = { ...passive, onClosed, onExchange: (exchange) => serveEcho(exchange) };
    this.#client = createHttp2Connection({ role: "client", owner: client, now: 0 });
    this.#server = createHttp2Connection({ role: "server", owner: server, now: 0 });
    this.exchangeAll(0);
  }

  /** Opens `count` exchanges and lets them all end. */
  exchangeAll(count: number): number {
    const ownerOf = (read: (bytes: number) => void): ExchangeOwner => ({
      onHead: ignore,
      onBody: (_, start, end) => read(end - start),
      onTail: () => {
        this.#returned++;
      },
      onWritable: ignore,
      onReset: ({ reason }) => {
        throw new Error(reason);
      },
    });
    const expected = this.#returned + count;
    for (let i = 0; i < count; i++) {
      const exchange: Exchange = this.#client.open(ownerOf((bytes) => exchange.consumed(bytes)));
      exchange.head(head, undefined, false);
      exchange.begin().writeBytes(body);
      exchange.commit(true);
    }
    for (let steps = 0; this.#move(this.#client, this.#server) || this.#move(this.#server, this.#client); steps++) {
      if (steps > 100) throw new Error("the machines do not come to rest");
    }
    if (this.#returned !== expected) throw new Error(`${expected - this.#returned} exchanges did not return`);
    return this.#returned;
  }

  #move(from: HttpConnection, to: HttpConnection): boolean {
    this.#parts.length = 0;
    from.takeOutput(this.#parts);
    for (const part of this.#parts) to.receive(part, 0, part.length, 0);
    from.recycleOutput();
    return this.#parts.length > 0;
  }
}

/** A server's side of one exchange: the body comes back once it is whole. */
function serveEcho(exchange: Exchange): ExchangeOwner {
  return {
    onHead: ignore,
    onBody(bytes, start, end, last) {
      exchange.consumed(end - start);
      if (!last) return;
      exchange.head(replyHead, undefined, false);
      exchange.begin().writeBytes(bytes, start, end);
      exchange.commit(false);
      exchange.tail(replyTail, undefined);
    },
    onTail: ignore,
    onWritable: ignore,
    onReset: ignore,
  };
}

const exchangesAtOnce = 64;

function exchanges(): Contestant {
  const pair = new Pair();
  return {
    name: `unary exchange between two machines, ${exchangesAtOnce} at once`,
    run(times) {
      let returned = 0;
      for (let left = times; left > 0; left -= exchangesAtOnce)
        returned = pair.exchangeAll(Math.min(left, exchangesAtOnce));
      return returned;
    },
  };
}

/** What HTTP/2 costs without a network. */
export function http2Contestants(): Contestant[] {
  return [...headerBlocks(), exchanges()];
}
