// Attacks with connections: that say nothing or not enough, and very many of them.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { FrameSocket } from "../support/frame-socket.ts";
import { frame, headers, preface, settings } from "../support/http2-frames.ts";
import type { Attack, Scene } from "./attack.ts";
import { fieldsOf } from "./requests.ts";

/** The times of the defaults, shortened: the same code runs at 5 s and at 10 s. */
const hasty = { limits: { http2: { prefaceTimeoutMs: 500, settingsTimeoutMs: 500, blockTimeoutMs: 500 } } };
const silent = { settings: undefined };

/** Many connections of which each says the same, once or again and again. */
async function many(scene: Scene, count: number, say: (socket: FrameSocket) => Promise<void>): Promise<FrameSocket> {
  const sockets = await Promise.all(Array.from({ length: count }, () => scene.dial(silent)));
  await Promise.all(sockets.map(say));
  const [first] = sockets as [FrameSocket];
  await first.until(() => sockets.every(({ ended }) => ended), 3000);
  assert.equal(sockets.filter(({ ended }) => ended).length, count, "all of them were closed");
  return first;
}

export const connectionAttacks: readonly Attack[] = [
  {
    title: "slow peers: 200 connections that say nothing",
    options: hasty,
    run: (scene) => many(scene, 200, async () => {}),
    ends: { code: "PROTOCOL_ERROR", says: /\(prefaceTimeoutMs 500\)/ },
    meets: "prefaceTimeoutMs",
  },
  {
    title: "slow peers: 100 prefaces of a byte every 50 ms",
    options: hasty,
    run: (scene) =>
      many(scene, 100, async (socket) => {
        for (const octet of preface) {
          if (!(await socket.send(Buffer.of(octet)))) return;
          await sleep(50);
        }
      }),
    ends: { code: "PROTOCOL_ERROR", says: /\(prefaceTimeoutMs 500\)/ },
    meets: "prefaceTimeoutMs",
  },
  {
    title: "slow peers: 100 connections that never acknowledge our SETTINGS",
    options: hasty,
    run: (scene) => many(scene, 100, async (socket) => void (await socket.send(preface, settings()))),
    ends: { code: "SETTINGS_TIMEOUT", says: /\(settingsTimeoutMs 500\)/ },
    meets: "settingsTimeoutMs",
  },
  {
    title: "slow peers: 100 header blocks that do not end",
    options: hasty,
    run: (scene) =>
      many(scene, 100, async (socket) => {
        await socket.send(preface, settings(), frame({ type: "SETTINGS", flags: 1 }));
        await socket.send(headers(1, fieldsOf("Echo"), { whole: false }));
      }),
    ends: { code: "ENHANCE_YOUR_CALM", says: /\(blockTimeoutMs 500\)/ },
    meets: "blockTimeoutMs",
  },
  {
    title: "connection flood: 400 where 50 may be",
    options: { maxConnections: 50 },
    run: async (scene) => {
      const sockets: FrameSocket[] = [];
      for (let count = 0; count < 400; count++) {
        // One that is reset at once may not even be open for its client.
        const socket = await scene.dial().catch(() => undefined);
        if (socket !== undefined) sockets.push(socket);
      }
      const last = () => sockets.find(({ goAway }) => goAway !== undefined);
      await (sockets[0] as FrameSocket).until(() => last() !== undefined);
      const judged = last();
      assert.ok(judged !== undefined, "none was told why");
      return judged;
    },
    ends: { code: "NO_ERROR", says: /no place for another connection \(maxConnections 50\)/ },
    meets: "maxConnections",
    check: (_attacker, { snapshot }) => {
      assert.equal(snapshot.connections.length, 50);
      const met = snapshot.limitsMet.find(({ limit }) => limit === "maxConnections");
      assert.equal(met?.count, 351, "the honest client has one of the places");
    },
  },
];
