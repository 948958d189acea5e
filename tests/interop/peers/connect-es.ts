// The connect-es peer of the interop matrix, in its gRPC protocol; messages by protobuf-es.
import { connect } from "./connect-es/client.ts";
import { serve } from "./connect-es/server.ts";
import { runProgram } from "./program.ts";

await runProgram({ serve, connect });
