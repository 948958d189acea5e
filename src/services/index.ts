export { channelz } from "./channelz.ts";
export { type HealthImplementation, type HealthOptions, health, type ServingStatus } from "./health.ts";
export { type ReflectionOptions, reflection } from "./reflection.ts";
export { ReflectionClient, type ReflectionClientOptions, ReflectionError } from "./reflection-client.ts";
