// The real machine in one record. Importing it opens nothing.
import type { Machine } from "../host/index.ts";
import { RealAmbient } from "./ambient.ts";
import { RealTurn, realClock, realRandom, realTimers } from "./clock.ts";
import { realCompression } from "./compression.ts";
import { RealNetwork } from "./network.ts";

/** The machine this process runs on. Each has its own `memory:` names and its own ambient values. */
export function createRealMachine(): Machine {
  return {
    clock: realClock,
    timers: realTimers,
    turn: new RealTurn(),
    random: realRandom,
    network: new RealNetwork(),
    compression: realCompression,
    ambient: new RealAmbient(),
  };
}
