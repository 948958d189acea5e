export { clientTelemetry } from "./client.ts";
export type { TelemetryOptions } from "./options.ts";
export { serverTelemetry } from "./server.ts";
