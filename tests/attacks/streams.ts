// Attacks with streams: very many, opened and reset, or such that the server must reset them.
import assert from "node:assert/strict";
import { data, frame, rstStream, uint32, windowUpdate } from "../support/http2-frames.ts";
import type { Attack } from "./attack.ts";
import { head, idOf, request } from "./requests.ts";

const rounds = 100_000;

/** What makes a server reset a stream (CVE-2025-8671), in two frames each. */
const faults: readonly (readonly [title: string, frames: (id: number) => readonly Buffer[]])[] = [
  ["a WINDOW_UPDATE of 0", (id) => [head.Echo(id), windowUpdate(id, 0)]],
  ["a window above 2^31 - 1", (id) => [head.Echo(id), windowUpdate(id, 0x7fffffff)]],
  ["a PRIORITY of 4 bytes", (id) => [head.Echo(id), frame({ type: "PRIORITY", id, payload: uint32(0) })]],
  [
    "a stream that depends on itself",
    (id) => [head.Echo(id), frame({ type: "PRIORITY", id, payload: Buffer.concat([uint32(id), Buffer.of(0)]) })],
  ],
  ["DATA after END_STREAM", (id) => [request(id, "Echo"), data(id, "more")]],
  ["HEADERS that do not end the stream", (id) => [head.Echo(id), head.Echo(id)]],
];

export const streamAttacks: readonly Attack[] = [
  {
    title: "stream flood: requests that are never finished",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.flood(rounds, (round) => [head.Hold(idOf(round))]);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /refusalsBurst 1000\)|maxOwedAnswersHard 1000\)/ },
    meets: "maxConcurrentStreams",
    check: (attacker) => {
      assert.ok(attacker.count("RST_STREAM REFUSED_STREAM") > 0 || attacker.goAway !== undefined);
    },
  },
  {
    title: "stream flood: whole requests whose handlers do not end",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.flood(rounds, (round) => [request(idOf(round), "Hold")]);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /refusalsBurst 1000\)|maxOwedAnswersHard 1000\)/ },
    meets: "maxConcurrentStreams",
  },
  {
    title: "rapid reset: requests that are reset at once, and handlers that go on",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.flood(rounds, (round) => [request(idOf(round), "Hold"), rstStream(idOf(round), "CANCEL")]);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /\((resetsBurst|refusalsBurst|maxOwedAnswersHard) 1000\)/ },
    check: (_attacker, { snapshot }) =>
      assert.ok(snapshot.runningCalls <= 100, `${snapshot.runningCalls} handlers run`),
  },
  {
    title: "rapid reset: before the request is whole, no handler has run",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.flood(rounds, (round) => [head.Echo(idOf(round)), rstStream(idOf(round), "CANCEL")]);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /too many streams reset \(resetsBurst 1000\)/ },
    meets: "resetsBurst",
  },
  ...faults.map(
    ([title, frames]): Attack => ({
      title: `made you reset: ${title}`,
      run: async (scene) => {
        const attacker = await scene.dial();
        await attacker.flood(rounds, (round) => frames(idOf(round)));
        return attacker;
      },
      ends: { code: "ENHANCE_YOUR_CALM", says: /too many stream errors \(faultsBurst 100\)/ },
      meets: "faultsBurst",
    }),
  ),
  {
    title: "made you reset: HEADERS after END_STREAM, of requests whose handlers go on",
    run: async (scene) => {
      const attacker = await scene.dial();
      await attacker.flood(rounds, (round) => [request(idOf(round), "Hold"), head.Hold(idOf(round))]);
      return attacker;
    },
    ends: { code: "ENHANCE_YOUR_CALM", says: /\((refusalsBurst|maxOwedAnswersHard) 1000\)/ },
    meets: "maxConcurrentStreams",
    check: (_attacker, { snapshot }) =>
      assert.ok(snapshot.runningCalls <= 100, `${snapshot.runningCalls} handlers run`),
  },
];
