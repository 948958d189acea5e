// Test support: a service of grpc-js with its own reflection, for the commands to call: well-known types in its messages, a
// method of each kind, rich errors, metadata both ways. Its reflection leaves imports out, as that of grpc-js does.
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { packDetail } from "farcall";
import { BadRequest, Status } from "farcall/details";

/** The files of the service. `held.proto` is imported by nobody: what it declares travels in an Any. */
export const foreignProtos = {
  "foreign.proto": `syntax = "proto3";
package foreign;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Item {
  string name = 1;
  int32 n = 2;
  google.protobuf.Any any = 3;
  google.protobuf.Timestamp at = 4;
  google.protobuf.Duration wait = 5;
  google.protobuf.FieldMask mask = 6;
  google.protobuf.Struct data = 7;
  google.protobuf.Value value = 8;
  google.protobuf.ListValue list = 9;
  google.protobuf.StringValue note = 10;
  google.protobuf.Int64Value big = 11;
  google.protobuf.BoolValue flag = 12;
  google.protobuf.BytesValue raw = 13;
  google.protobuf.DoubleValue ratio = 14;
  Part part = 15;
  repeated Part parts = 16;
}
message Part { string colour = 1; }
service Shop {
  rpc Echo(Item) returns (Item);
  rpc Count(Item) returns (stream Item);
  rpc Sum(stream Item) returns (Item);
  rpc Chat(stream Item) returns (stream Item);
  rpc Fail(Item) returns (Item);
}
`,
  "held.proto": `syntax = "proto3";
package held;
message Thing { string what = 1; }
`,
};

interface Item {
  readonly name?: string;
  readonly n?: number;
}

const echo: handleUnaryCall<Item, Item> = (call, done) => {
  const returned = new Metadata();
  for (const [name, value] of Object.entries(call.metadata.getMap())) {
    if (name.startsWith("x-")) returned.add(`got-${name}`, value);
  }
  call.sendMetadata(returned);
  done(null, call.request, returned);
};

const details = [
  packDetail(BadRequest, { fieldViolations: [{ field: "name", description: "is empty" }] }),
  { typeUrl: "type.googleapis.com/held.Thing", value: Uint8Array.of(10, 1, 65) },
  { typeUrl: "type.googleapis.com/google.protobuf.StringValue", value: Uint8Array.of(10, 1, 66) },
  { typeUrl: "type.googleapis.com/nobody.Knows", value: Uint8Array.of(1, 2) },
  { typeUrl: "type.googleapis.com/google.rpc.Help", value: Uint8Array.of(255) },
];

const fail: handleUnaryCall<Item, Item> = (_call, done) => {
  const metadata = new Metadata();
  metadata.add(
    "grpc-status-details-bin",
    Buffer.from(Status.encode({ code: 3, message: "the name is wrong", details })),
  );
  done({ code: 3, details: "the name is wrong", metadata });
};

const sum: handleClientStreamingCall<Item, Item> = (call, done) => {
  let n = 0;
  call.on("data", (item: Item) => {
    n += item.n ?? 0;
  });
  call.on("end", () => done(null, { n }));
};

const chat: handleBidiStreamingCall<Item, Item> = (call) => {
  call.on("data", (item: Item) => call.write({ name: `${item.name ?? ""}!` }));
  call.on("end", () => call.end());
};

export interface ForeignShop {
  readonly port: number;
  /** Streams that their client left before they ended. */
  readonly cancelled: () => number;
  close(): void;
}

export interface ForeignOptions {
  /** The folder with `foreignProtos`. */
  readonly folder: string;
  readonly reflection?: boolean;
  readonly credentials?: ServerCredentials;
}

/** Serves `foreign.Shop` on a free loopback port. */
export async function serveForeignShop(options: ForeignOptions): Promise<ForeignShop> {
  const { folder, reflection = true, credentials = ServerCredentials.createInsecure() } = options;
  const definition = loadSync(Object.keys(foreignProtos), {
    keepCase: true,
    includeDirs: [folder, new URL("../../../third_party/protobuf", import.meta.url).pathname],
  });
  const server = new Server();
  if (reflection) new ReflectionService(definition).addToServer(server);
  let cancelled = 0;
  const count: handleServerStreamingCall<Item, Item> = (call) => {
    // Without a number it goes on until its client leaves.
    let n = 0;
    const timer = setInterval(() => {
      if (n !== call.request.n) call.write({ n: n++ });
      else {
        clearInterval(timer);
        call.end();
      }
    }, 5);
    call.on("cancelled", () => {
      cancelled++;
      clearInterval(timer);
    });
  };
  server.addService(definition["foreign.Shop"] as ServiceDefinition, {
    Echo: echo,
    Count: count,
    Sum: sum,
    Chat: chat,
    Fail: fail,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return { port, cancelled: () => cancelled, close: () => server.forceShutdown() };
}
