export { createGrpcClient, type GrpcClientOptions } from "./client.ts";
export { createGrpcServer, refuseForeign, refuseOverlong } from "./server.ts";
