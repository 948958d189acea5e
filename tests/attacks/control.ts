// Attacks with control frames: cheap to send, and each makes the server work or answer.
import { data, frame, goAway, ping, rstStream, settings, settingsAck, windowUpdate } from "../support/http2-frames.ts";
import type { Attack } from "./attack.ts";
import { head, idOf } from "./requests.ts";

const rounds = 100_000;

interface Flood {
  readonly title: string;
  /** Before the flood. */
  readonly first?: Buffer;
  readonly frames: (round: number) => readonly Buffer[];
  readonly says: RegExp;
  readonly meets: string;
  readonly reads?: boolean;
}

const floods: readonly Flood[] = [
  {
    title: "PING flood, answers not read",
    frames: () => [ping("flooding")],
    says: /^too_many_pings$/,
    meets: "maxPingStrikes",
    reads: false,
  },
  {
    title: "SETTINGS flood, acknowledgements not read",
    frames: () => [settings([3, 100])],
    says: /too many SETTINGS frames \(settingsBurst 10\)/,
    meets: "settingsBurst",
    reads: false,
  },
  {
    title: "SETTINGS of 33 entries",
    frames: () => [settings(...Array.from({ length: 33 }, (_, index) => [0x1000 + index, 1] as const))],
    says: /SETTINGS with 33 entries \(maxSettings 32\)/,
    meets: "maxSettings",
  },
  {
    title: "acknowledgements of nothing",
    frames: () => [settingsAck, ping("unasked!", true)],
    says: /\(idleFramesBurst 100\)/,
    meets: "idleFramesBurst",
  },
  {
    title: "frames of an unknown type",
    frames: () => [frame({ type: 0xbd, payload: Buffer.alloc(1000) })],
    says: /too many unknown frames \(idleFramesBurst 100\)/,
    meets: "idleFramesBurst",
  },
  {
    title: "GOAWAY frames on a connection that has an open call",
    first: head.Hold(1),
    frames: () => [goAway(0, "NO_ERROR", "x".repeat(100))],
    says: /too many GOAWAY frames \(idleFramesBurst 100\)/,
    meets: "idleFramesBurst",
  },
  {
    title: "PRIORITY flood",
    frames: (round) => [frame({ type: "PRIORITY", id: idOf(round), payload: Buffer.alloc(5) })],
    says: /too many PRIORITY frames \(priorityFramesPerStream 100\)/,
    meets: "priorityFramesPerStream",
  },
  {
    title: "WINDOW_UPDATE flood",
    first: head.Hold(1),
    frames: (round) => [windowUpdate(round & 1, 1)],
    says: /too many WINDOW_UPDATE frames \(windowUpdatesPerFrame 20\)/,
    meets: "windowUpdatesPerFrame",
  },
  {
    title: "empty DATA frames",
    first: head.Upload(1),
    frames: () => [data(1, "")],
    says: /too many empty DATA frames in a row \(maxEmptyDataFrames 10\)/,
    meets: "maxEmptyDataFrames",
  },
  {
    title: "DATA frames of padding alone",
    first: head.Upload(1),
    frames: () => [
      frame({ type: "DATA", flags: 8, id: 1, payload: Buffer.concat([Buffer.of(255), Buffer.alloc(255)]) }),
    ],
    says: /too many empty DATA frames in a row \(maxEmptyDataFrames 10\)/,
    meets: "maxEmptyDataFrames",
  },
  {
    title: "RST_STREAM on a stream that is gone",
    first: Buffer.concat([head.Hold(1), rstStream(1, "CANCEL")]),
    frames: () => [rstStream(1, "CANCEL")],
    says: /too many streams reset \(resetsBurst 1000\)/,
    meets: "resetsBurst",
  },
];

export const controlAttacks: readonly Attack[] = floods.map(({ title, first, frames, says, meets, reads }) => ({
  title,
  run: async (scene) => {
    const attacker = await scene.dial(reads === false ? { settings: [], reads } : {});
    if (first !== undefined) await attacker.send(first);
    await attacker.flood(rounds, frames);
    attacker.read();
    return attacker;
  },
  ends: { code: "ENHANCE_YOUR_CALM", says },
  meets,
}));
