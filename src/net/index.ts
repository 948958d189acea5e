export { createRealMachine } from "./machine.ts";
