// The grpc-js peer of the interop matrix; messages by protobuf.js.
import { connect } from "./grpc-js/client.ts";
import { serve } from "./grpc-js/server.ts";
import { runProgram } from "./program.ts";

await runProgram({ serve, connect });
