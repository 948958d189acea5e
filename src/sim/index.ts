export type { Admission } from "./host.ts";
export { type NameMeaning, type NameSettings, nameTimeoutMs } from "./names.ts";
export { connectTimeoutMs, type NetworkRules } from "./network.ts";
export { maxReactionDepth, SimulationError, type SimulationErrorCode } from "./scheduler.ts";
export { createSimulation, type RunOptions, type Simulation, type SimulationOptions } from "./simulation.ts";
export type { TraceEvent, WaySettings } from "./way.ts";
