export { createGrpcClient, type GrpcClientOptions } from "./client.ts";
export { createGrpcServer, refuseForeign } from "./server.ts";
