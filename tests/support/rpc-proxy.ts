// Test support: an HTTP/2 proxy that makes a request again elsewhere when a backend fails, as proxies with a retry policy
// do. It passes on fields, bodies and trailers as they are, and, like any proxy, no SETTINGS.
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
}

export interface RetryingProxy {
  readonly address: string;
  /** Attempts made at backends so far, as their index. */
  readonly attempts: readonly number[];
  close(): Promise<void>;
}

/** Starts one in front of backends (ports on loopback); it tries each in turn until one gives a whole answer that satisfies it. */
export async function startRetryingProxy(
  ports: readonly number[],
  satisfies: (answer: Answer) => boolean = () => true,
): Promise<RetryingProxy> {
  const attempts: number[] = [];
  const sessions = new Set<ClientHttp2Session>();
  const server = createServer();
  const fronts = new Set<{ destroy(): void }>();
  server.on("session", (session) => fronts.add(session));
  server.on("stream", async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    const body: Buffer[] = [];
    for await (const chunk of stream) body.push(chunk as Buffer);
    let answer: Answer | undefined;
    for (const [index, port] of ports.entries()) {
      attempts.push(index);
      const session = connect(`http://127.0.0.1:${port}`);
      sessions.add(session);
      const outcome = await forward(session, headers, Buffer.concat(body));
      session.destroy();
      answer = outcome ?? answer;
      if (outcome !== undefined && satisfies(outcome)) break;
    }
    if (stream.destroyed) return;
    if (answer === undefined) return stream.respond({ ":status": 503 }, { endStream: true });
    respond(stream, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attempts,
    close: async () => {
      for (const session of [...sessions, ...fronts]) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes the request once; undefined when no whole answer came. */
function forward(session: ClientHttp2Session, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const fail = (): void => resolve(undefined);
    session.on("error", fail);
    const request = session.request({ ...headers, ":authority": "backend" });
    let answered: IncomingHttpHeaders | undefined;
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    request.on("response", (fields) => {
      answered = fields;
    });
    request.on("trailers", (fields) => {
      trailers = fields;
    });
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", fail);
    request.on("close", () => {
      if (answered === undefined || request.rstCode !== 0) return fail();
      resolve({ headers: answered, body: Buffer.concat(chunks), trailers });
    });
    request.end(body);
  });
}

function respond(stream: ServerHttp2Stream, { headers, body, trailers }: Answer): void {
  if (Object.keys(trailers).length === 0) {
    stream.respond(headers, { endStream: body.length === 0 });
    if (body.length > 0) stream.end(body);
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(body);
}
