// Test support: a TCP proxy on loopback that passes everything on as it is, and counts it.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface CountingProxy {
  readonly port: number;
  /** Bytes passed on so far: to the server, and back to the client. */
  readonly upBytes: number;
  readonly downBytes: number;
  close(): Promise<void>;
}

/** Starts one in front of a server on loopback. */
export async function startCountingProxy(serverPort: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  const counted = { upBytes: 0, downBytes: 0 };
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  };
  const server = createServer((front) => {
    const back = connect(serverPort, "127.0.0.1");
    keep(front);
    keep(back);
    front.on("data", (bytes) => {
      counted.upBytes += bytes.length;
    });
    back.on("data", (bytes) => {
      counted.downBytes += bytes.length;
    });
    front.pipe(back);
    back.pipe(front);
    front.on("close", () => back.destroy());
    back.on("close", () => front.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(Object.create(counted), {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
