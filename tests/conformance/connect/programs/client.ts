// Connect's conformance suite: the client under test. It reads cases, makes the call of each, several at a time, and writes
// what came of it.
import { type Channel, dial } from "farcall";
import { Case } from "./calls.js";
import {
  ClientCompatRequest,
  ClientCompatResponse,
  type ClientCompatResponseInit,
} from "./connectrpc/conformance/v1/client_compat.js";
import { readMessages, writeMessage } from "./pipe.js";

/** Cases that run at once. */
const maxRunning = 16;

/** One for each server that is called in another way. */
class Channels {
  readonly #channels = new Map<string, Channel>();

  get(request: ClientCompatRequest): Channel {
    const { host, port, serverTlsCert, clientTlsCreds, messageReceiveLimit } = request;
    const key = JSON.stringify([host, port, clientTlsCreds !== undefined, messageReceiveLimit]);
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const isTls = serverTlsCert.length > 0;
    const credentials = clientTlsCreds && { cert: clientTlsCreds.cert, key: clientTlsCreds.key };
    const channel = dial(`${isTls ? "tls" : "tcp"}://${host}:${port}`, {
      ...(messageReceiveLimit > 0 && { maxMessageBytes: messageReceiveLimit }),
      ...(isTls && { tls: { ca: serverTlsCert, ...credentials } }),
    });
    this.#channels.set(key, channel);
    return channel;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#channels.values()].map((channel) => channel.close()));
  }
}

const channels = new Channels();

function checkKind({ protocol, httpVersion, codec, rawRequest }: ClientCompatRequest): void {
  if (protocol !== "PROTOCOL_GRPC" || httpVersion !== "HTTP_VERSION_2" || codec !== "CODEC_PROTO") {
    throw new Error(`${protocol} over ${httpVersion} with ${codec} is not spoken here`);
  }
  if (rawRequest !== undefined) throw new Error("a raw request is for the suite's own client");
}

async function answer(request: ClientCompatRequest): Promise<ClientCompatResponseInit> {
  const { testName } = request;
  try {
    checkKind(request);
    return { testName, result: { kind: "response", value: await new Case(channels.get(request), request).run() } };
  } catch (error) {
    return { testName, result: { kind: "error", value: { message: String(error) } } };
  }
}

const requests = readMessages(ClientCompatRequest);

async function work(): Promise<void> {
  for (let next = await requests.next(); next.done !== true; next = await requests.next()) {
    writeMessage(ClientCompatResponse, await answer(next.value));
  }
}

await Promise.all(Array.from({ length: maxRunning }, work));
await channels.close();
