// farcall/rpc.proto in the hands of protoc, as grpcio carries it: it finds the file where the package has it, and what it
// makes of the options is what we make of them. A missing peer is skipped by name.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ServiceDescriptor } from "farcall/idl";
import { decodeFileDescriptorSet, serviceOf } from "farcall/marshal";
import { makeFolder } from "../support/cli.ts";
import { commandOf, findPeer, needsPeer } from "../support/peer-programs.ts";

const run = promisify(execFile);
const grpcio = findPeer("python");
const ours = fileURLToPath(new URL("../../../proto", import.meta.url));
const desk = `syntax = "proto3";
package desk;
import "farcall/rpc.proto";
message Text { string text = 1; }
service Desk {
  option (farcall.rpc.service) = { default_timeout_ms: 2000, idempotency_level: IDEMPOTENT };
  rpc Ask(Text) returns (Text) {
    option (farcall.rpc.method).default_timeout_ms = 500;
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Watch(Text) returns (stream Text);
}
`;

test("protoc compiles contracts with our options, and a descriptor set of it says what they say", async (t) => {
  if (!needsPeer(grpcio, t)) return;
  const [interpreter] = commandOf(grpcio, "probe");
  const folder = makeFolder(t, { "desk.proto": desk });
  const out = join(folder, "desk.bin");
  const words = ["-I", folder, "-I", ours, "--include_imports", `--descriptor_set_out=${out}`, "desk.proto"];
  await run(interpreter, ["-m", "grpc_tools.protoc", ...words]);
  const files = decodeFileDescriptorSet(readFileSync(out));
  const { methods } = serviceOf(files.find(({ name }) => name === "desk.proto")?.services[0] as ServiceDescriptor);
  assert.deepEqual(
    Object.values(methods).map(({ name, defaultTimeoutMs, idempotency }) => [name, defaultTimeoutMs, idempotency]),
    [
      ["Ask", 500, "no-side-effects"],
      ["Watch", 2000, "idempotent"],
    ],
  );
});
