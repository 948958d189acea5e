export { type GeneratedFile, type GenerateOptions, generateFiles } from "./generate.ts";
