export { createHttp2Connection, type Http2Options } from "./connection.ts";
export { defaultHttp2Limits, type Http2Limits } from "./limits.ts";
