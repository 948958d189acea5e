// Metadata from end to end, both ways: names, many values, bytes, commas; what is reserved; and what is too much for the
// other side, which costs one call and no connection.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Metadata, MetadataError, type MetadataInit } from "farcall";
import fc from "fast-check";
import { data, type FieldList, headers } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest } from "../support/rpc-peer.ts";
import { failureOf, Probe, Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

/** A world whose server sends back what it was sent, as headers and as trailers. */
async function mirror(): Promise<Simulated> {
  const world = new Simulated();
  await world.run(() =>
    world.serve((_request, call) => {
      call.sendHeaders(call.metadata);
      call.setTrailers(call.metadata);
      return {};
    }),
  );
  return world;
}

/** What comes back of metadata that is sent. */
async function reflected(world: Simulated, stub: ReturnType<Simulated["stub"]>, metadata: MetadataInit) {
  const seen: Metadata[] = [];
  const note = (metadata: Metadata): void => void seen.push(metadata);
  await world.run(() => stub.run({ tag: "a" }, { metadata, onHeaders: note, onTrailers: note }));
  assert.equal(seen.length, 2, "headers and trailers");
  return seen;
}

const all = Uint8Array.from({ length: 256 }, (_, index) => index);
const sent: readonly (readonly [what: string, init: MetadataInit])[] = [
  ["nothing", {}],
  ["text with commas, quotes and signs", { a: 'x, y; "z" = 100 % \\ ~!' }],
  ["an empty value", { a: "" }],
  ["many values of one name", { a: ["1", "2", "1", ""] }],
  [
    "names between one another",
    [
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ] as [string, string][],
  ],
  ["all bytes", { "raw-bin": all }],
  ["no bytes", { "raw-bin": new Uint8Array(0) }],
  ["many values in bytes", { "raw-bin": [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)] }],
  ["odd names", { "a.b-c_d": "1", "0": "2", "-": "3", __proto__x: "4" }],
  ["upper case, which becomes lower", { "X-Trace": "1" }],
  ["a hundred names", Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n${index}`, `${index}`]))],
];

for (const [what, init] of sent) {
  test(`${what} comes back as it was, in headers and trailers`, async () => {
    const world = await mirror();
    for (const seen of await reflected(world, world.stub(), init)) assert.deepEqual([...seen], [...new Metadata(init)]);
  });
}

test("whatever the rules allow comes back as it was", async () => {
  const world = await mirror();
  const stub = world.stub();
  const text = fc
    .string({ unit: fc.constantFrom("a", "Z", " ", ",", "%", '"', "~", "="), maxLength: 12 })
    .map((value) => value.trim());
  const name = fc.string({ unit: fc.constantFrom("a", "b", "0", "-", "_", "."), minLength: 1, maxLength: 6 });
  const entry = fc.oneof(
    fc.tuple(
      name.filter((key) => !key.endsWith("-bin")),
      text,
    ),
    fc.tuple(
      name.map((key) => `${key}-bin`),
      fc.uint8Array({ maxLength: 20 }),
    ),
  );
  const property = fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
    const metadata = new Metadata(entries);
    for (const seen of await reflected(world, stub, metadata)) assert.deepEqual([...seen], [...metadata]);
  });
  await fc.assert(property, { seed: 20_258, numRuns: 100 });
});

test("reserved names are refused before anything is sent, by both sides", async () => {
  const world = new Simulated();
  const thrown: unknown[] = [];
  await world.run(() =>
    world.serve((_request, call) => {
      for (const give of [
        () => call.sendHeaders({ "grpc-status": "0" }),
        () => call.setTrailers({ "farcall-execution": "x" }),
      ]) {
        try {
          give();
        } catch (error) {
          thrown.push(error);
        }
      }
      return {};
    }),
  );
  const stub = world.stub();
  for (const name of ["grpc-timeout", "farcall-execution", "te", "content-type", ":path", "host"]) {
    const [outcome] = await world.run(() =>
      Promise.allSettled([stub.run({ tag: "a" }, { metadata: { [name]: "x" } })]),
    );
    assert.ok(outcome?.status === "rejected" && outcome.reason instanceof MetadataError, name);
  }
  assert.equal(world.tally.total, 0);
  await world.run(() => stub.run({ tag: "b" }));
  assert.deepEqual(
    thrown.map((error) => (error as MetadataError).code),
    ["RESERVED_NAME", "RESERVED_NAME"],
  );
});

test("the protocol's own fields are no metadata, on either side", async () => {
  const world = new Simulated();
  let seen: string[] | undefined;
  await world.run(() =>
    world.serve((_request, call) => {
      seen = [...call.metadata].map(([name]) => name);
      return {};
    }),
  );
  const got: Metadata[] = [];
  const note = (metadata: Metadata): void => void got.push(metadata);
  await world.run(() => world.stub().run({ tag: "a" }, { metadata: { mine: "1" }, onHeaders: note, onTrailers: note }));
  assert.deepEqual(seen, ["mine"]);
  assert.deepEqual(
    got.map((metadata) => [...metadata]),
    [[], []],
  );
});

const foreignFields: readonly (readonly [what: string, fields: FieldList, seen: readonly unknown[]])[] = [
  [
    "bytes joined by commas",
    [["a-bin", "AQ,Ag, Aw=="]],
    [
      ["a-bin", Uint8Array.of(1)],
      ["a-bin", Uint8Array.of(2)],
      ["a-bin", Uint8Array.of(3)],
    ],
  ],
  [
    "bytes that are no base64",
    [
      ["a-bin", "!"],
      ["b", "1"],
    ],
    [["b", "1"]],
  ],
  [
    "padded and unpadded bytes",
    [
      ["a-bin", "AQ=="],
      ["b-bin", "AQ"],
    ],
    [
      ["a-bin", Uint8Array.of(1)],
      ["b-bin", Uint8Array.of(1)],
    ],
  ],
  [
    "text that is not ASCII",
    [
      ["a", "\u00e9"],
      ["b", "1"],
    ],
    [["b", "1"]],
  ],
  [
    "names that we would not send",
    [
      ["a!b", "1"],
      ["b", "1"],
    ],
    [["b", "1"]],
  ],
  [
    "unknown keys of ours and gRPC's",
    [
      ["farcall-new", "1"],
      ["grpc-new", "1"],
      ["b", "1"],
    ],
    [["b", "1"]],
  ],
  [
    "a cookie in crumbs",
    [
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ],
    [
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ],
  ],
];

for (const [what, fields, expected] of foreignFields) {
  test(`a foreign client that sends ${what} is understood`, async () => {
    const world = new Simulated();
    let seen: unknown[] | undefined;
    await world.run(() =>
      world.serve((_request, call) => {
        seen = [...call.metadata];
        return {};
      }),
    );
    await world.run(async () => {
      const client = await connectScripted(world.client, address);
      await client.next("SETTINGS");
      client.send(headers(1, grpcRequest("/trials.Probe/Run", fields)), data(1, grpcMessage(Request.encode({})), true));
      assert.equal(new Map((await client.next("HEADERS")).fields).get(":status"), "200");
    });
    assert.deepEqual(seen, expected);
  });
}

const tooMuch: readonly (readonly [what: string, init: MetadataInit])[] = [
  ["one value of 20 kB", { a: "x".repeat(20_000) }],
  ["one value of 100 kB", { a: "x".repeat(100_000) }],
  ["a megabyte", { "a-bin": new Uint8Array(1_000_000) }],
  ["a thousand small ones", Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`n${index}`, "v"]))],
];

for (const [what, metadata] of tooMuch) {
  test(`a client that gives ${what} is told so; nothing is sent, and the calls beside it go on`, async () => {
    const world = new Simulated();
    await world.run(() => world.serve(({ tag }, call) => call.sleep(20).then(() => ({ tag }))));
    const channel = world.dial();
    const stub = channel.stub(Probe);
    // Before the connection is there, and on it.
    for (let round = 0; round < 2; round++) {
      const [other, error] = await world.run(() =>
        Promise.all([stub.run({ tag: "other" }), failureOf(stub.run({ tag: "large" }, { metadata }))]),
      );
      assert.equal(other.tag, "other");
      assert.equal(error.code, "RESOURCE_EXHAUSTED");
      assert.match(error.message, /metadata counts \d+ bytes, the peer takes 16384/);
      assert.equal(error.execution, "not-executed");
    }
    assert.equal(world.tally.starts("large"), 0);
    assert.equal(channel.snapshot().connections.length, 1);
  });
}

const overLimits: readonly (readonly [limit: string, fields: FieldList])[] = [
  ["maxFieldBytes 8192", [["a", "x".repeat(9000)]]],
  ["maxFields 128", Array.from({ length: 200 }, (_, index) => [`n${index}`, "v"] as const)],
];

test("metadata over a limit that the server cannot advertise is refused by it: not executed, and the limit is named", async () => {
  for (const [limit, fields] of overLimits) {
    const world = new Simulated();
    const server = await world.run(() => world.serve());
    const stub = world.stub();
    const metadata = Object.fromEntries(fields);
    const error = await world.run(() => failureOf(stub.run({ tag: "large" }, { metadata })));
    assert.deepEqual([error.code, error.execution, error.attempts], ["RESOURCE_EXHAUSTED", "not-executed", 1]);
    assert.ok(error.message.includes(`(${limit})`), error.message);
    assert.equal((await world.run(() => stub.run({ tag: "next" }))).tag, "next");
    assert.deepEqual([world.tally.starts("large"), server.snapshot().connections.length], [0, 1]);
    const [met] = server.snapshot().limitsMet;
    assert.deepEqual([met?.limit, met?.count], [limit.split(" ")[0], 1]);
    assert.ok(met?.lastReason.includes(limit));
    assert.equal(met?.lastRemote, server.snapshot().connections[0]?.remote);
  }
});

test("a server that is sent more than it takes refuses that request alone", async () => {
  const world = new Simulated();
  await world.run(() => world.serve());
  for (const [limit, fields] of overLimits) {
    await world.run(async () => {
      const client = await connectScripted(world.client, address);
      await client.next("SETTINGS");
      client.send(
        headers(1, grpcRequest("/trials.Probe/Run", fields)),
        data(1, grpcMessage(Request.encode({ tag: "large" })), true),
      );
      const answer = new Map((await client.next("HEADERS")).fields);
      assert.deepEqual([answer.get(":status"), answer.get("grpc-status")], ["200", "8"]);
      assert.ok(answer.get("grpc-message")?.includes(limit));
      client.send(
        headers(3, grpcRequest("/trials.Probe/Run")),
        data(3, grpcMessage(Request.encode({ tag: "next" })), true),
      );
      assert.equal((await client.next("HEADERS")).id, 3);
    });
  }
  assert.equal(world.tally.starts("large"), 0);
});
