// Host layer: everything a program takes from the machine it runs on, in one record.
import type { Ambient } from "./ambient.ts";
import type { Clock, Random, Timers, Turn } from "./clock.ts";
import type { Compression } from "./compression.ts";
import type { Network } from "./network.ts";

/** A machine, real or simulated. */
export interface Machine {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turn: Turn;
  readonly random: Random;
  readonly network: Network;
  readonly compression: Compression;
  readonly ambient: Ambient;
}
