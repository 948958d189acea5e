export { ChunkPool, type ChunkSource, Writer } from "./writer.ts";
