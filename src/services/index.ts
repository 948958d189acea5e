export { type HealthImplementation, type HealthOptions, health, type ServingStatus } from "./health.ts";
