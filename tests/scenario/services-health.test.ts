// grpc.health.v1 as a client sees it, on the simulated machine; the rules are those of its .proto.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallError, CallError as CallFailure, implement, type Server, UsageError } from "farcall";
import { enumeration, field, map, message, serverStream, service, string, unary } from "farcall/idl";
import { type HealthImplementation, health } from "farcall/services";
import { Simulated } from "../support/rpc-simulated.ts";

// Written anew, not taken from the product: what a foreign client would have.
const Status = enumeration("grpc.health.v1.Status", { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 });
const Request = message("grpc.health.v1.HealthCheckRequest", { service: string(1) });
const Response = message("grpc.health.v1.HealthCheckResponse", { status: field(Status, 1) });
const Nothing = message("grpc.health.v1.HealthListRequest", {});
const List = message("grpc.health.v1.HealthListResponse", { statuses: map(string, field(Response, 1)) });
const Health = service("grpc.health.v1.Health", {
  check: unary(Request, Response),
  watch: serverStream(Request, Response),
  list: unary(Nothing, List),
});

const Desk = service("demo.Desk", { ask: unary(Nothing, Nothing), wait: unary(Nothing, Nothing) });
const desk = implement(Desk, {
  ask: () => ({}),
  async wait(_request, call) {
    await call.sleep(1_000);
    return {};
  },
});

/** Serves a desk and health; ends both when `task` has ended. */
function withServer(
  own: HealthImplementation | undefined,
  task: (parts: { simulated: Simulated; stub: ReturnType<typeof stubOf>; server: Server }) => Promise<void>,
): Promise<void> {
  const simulated = new Simulated();
  return simulated.run(async () => {
    const server = await simulated.serveThese(own === undefined ? [desk] : [desk, own]);
    const channel = simulated.dial();
    await task({ simulated, server, stub: channel.stub(Health) });
    await channel.close();
    await server.close();
    assert.deepEqual(simulated.handlerErrors, []);
  });
}
const stubOf = (simulated: Simulated) => simulated.dial().stub(Health);

const failure = (code: string, text: RegExp) => (error: CallError) => {
  assert.equal(error.code, code);
  assert.match(error.message, text);
  return true;
};

test("a server says that it and its services are serving without being told to", () =>
  withServer(undefined, async ({ stub }) => {
    assert.equal((await stub.check({})).status, "SERVING");
    assert.equal((await stub.check({ service: "demo.Desk" })).status, "SERVING");
    assert.equal((await stub.check({ service: "grpc.health.v1.Health" })).status, "SERVING");
    await assert.rejects(stub.check({ service: "demo.Nobody" }), failure("NOT_FOUND", /demo\.Nobody is not known/));
  }));

test("health is served once, and not at all when it is switched off", async () => {
  const simulated = new Simulated();
  await simulated.run(async () => {
    const server = await simulated.serveThese([desk], { health: false });
    await assert.rejects(simulated.dial().stub(Health).check({}), failure("UNIMPLEMENTED", /Health is not served/));
    await server.close();
  });
  await withServer(health(), async ({ stub }) => {
    assert.equal((await stub.check({})).status, "SERVING");
  });
});

test("a program says how its services are, and takes it back", () => {
  const own = health();
  return withServer(own, async ({ stub }) => {
    own.setStatus("demo.Desk", "NOT_SERVING");
    own.setStatus("a database", "UNKNOWN");
    assert.equal((await stub.check({ service: "demo.Desk" })).status, "NOT_SERVING");
    assert.equal((await stub.check({ service: "a database" })).status, "UNKNOWN");
    assert.equal((await stub.check({})).status, "SERVING");
    const statuses = [...(await stub.list({})).statuses].map(([name, { status }]) => [name, status]);
    assert.deepEqual(statuses, [
      ["", "SERVING"],
      ["demo.Desk", "NOT_SERVING"],
      ["grpc.health.v1.Health", "SERVING"],
      ["a database", "UNKNOWN"],
    ]);
    own.clearStatus("demo.Desk");
    own.clearStatus("a database");
    assert.equal((await stub.check({ service: "demo.Desk" })).status, "SERVING");
    await assert.rejects(stub.check({ service: "a database" }), failure("NOT_FOUND", /a database/));
    const wrong = "serving" as "SERVING";
    assert.throws(() => own.setStatus("demo.Desk", wrong), UsageError);
  });
});

test("a list of more services than allowed is refused", () => {
  const own = health({ maxListed: 3 });
  return withServer(own, async ({ stub }) => {
    assert.equal((await stub.list({})).statuses.size, 3);
    own.setStatus("one more", "SERVING");
    await assert.rejects(stub.list({}), failure("RESOURCE_EXHAUSTED", /4 services are more than the 3/));
  });
});

test("a watch sends the status at once, then each other one, and goes on while the service is unknown", () => {
  const own = health();
  return withServer(own, async ({ stub }) => {
    const feed = stub.watch({ service: "later" })[Symbol.asyncIterator]();
    const next = async () => (await feed.next()).value?.status;
    assert.equal(await next(), "SERVICE_UNKNOWN");
    own.setStatus("later", "NOT_SERVING");
    assert.equal(await next(), "NOT_SERVING");
    own.setStatus("another", "SERVING");
    own.setStatus("later", "NOT_SERVING");
    own.setStatus("later", "SERVING");
    assert.equal(await next(), "SERVING");
    own.clearStatus("later");
    assert.equal(await next(), "SERVICE_UNKNOWN");
    await feed.return?.();
  });
});

test("as many watches as allowed are served; one more is refused until one ends", () => {
  const own = health({ maxWatches: 2 });
  return withServer(own, async ({ stub, simulated }) => {
    const feeds = [stub.watch({}), stub.watch({})].map((feed) => feed[Symbol.asyncIterator]());
    for (const feed of feeds) assert.equal((await feed.next()).value?.status, "SERVING");
    const refused = stub.watch({})[Symbol.asyncIterator]();
    await assert.rejects(refused.next(), failure("RESOURCE_EXHAUSTED", /2 watches are open already/));
    await feeds[0]?.return?.();
    await simulated.dial().stub(Health).check({});
    const later = stub.watch({})[Symbol.asyncIterator]();
    assert.equal((await later.next()).value?.status, "SERVING");
  });
});

test("a server that drains is not serving: watches hear it and end, so that the drain need not wait for them", () => {
  const own = health();
  return withServer(own, async ({ stub, server, simulated }) => {
    own.setStatus("demo.Desk", "SERVING");
    const feed = stub.watch({ service: "demo.Desk" })[Symbol.asyncIterator]();
    assert.equal((await feed.next()).value?.status, "SERVING");
    const startedAt = simulated.nowMs;
    const waiting = simulated.dial().stub(Desk).wait({});
    await simulated.dial().stub(Health).check({});
    const drained = server.drain({ withinMs: 60_000 });
    assert.equal((await feed.next()).value?.status, "NOT_SERVING");
    await assert.rejects(feed.next(), failure("UNAVAILABLE", /shutting down/));
    await waiting;
    await drained;
    assert.ok(simulated.nowMs - startedAt < 2_000, `${simulated.nowMs - startedAt} ms`);
  });
});

test("a handler sees its server: what it serves, and that it drains", async () => {
  const simulated = new Simulated();
  const seen: string[] = [];
  const watcher = implement(
    Desk,
    {
      async wait(_request, { server }) {
        seen.push(...server.services.map(({ typeName }) => typeName), `draining: ${server.isDraining}`);
        const forgotten = server.onDrain(() => seen.push("never told"));
        forgotten();
        await new Promise<void>((resolve) => server.onDrain(resolve));
        server.onDrain(() => seen.push(`told late, draining: ${server.isDraining}`));
        throw new CallFailure("ABORTED", "the server drains");
      },
    },
    { partial: true },
  );
  await simulated.run(async () => {
    const server = await simulated.serveThese([watcher]);
    const call = simulated
      .dial()
      .stub(Desk)
      .wait({})
      .catch((error: CallError) => error.code);
    await simulated.dial().stub(Health).check({});
    await server.drain();
    assert.equal(await call, "ABORTED");
  });
  assert.deepEqual(seen, ["demo.Desk", "grpc.health.v1.Health", "draining: false", "told late, draining: true"]);
});
