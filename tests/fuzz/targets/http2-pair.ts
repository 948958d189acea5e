// Fuzz target: a client and a server machine of ours, and between them a pipe that cuts, delays and damages as the bytes say,
// while exchanges begin, are consumed and are cut. Undamaged, every body arrives whole, every exchange ends on both sides and
// the windows lose nothing; damaged, nothing throws and still every exchange ends.
import assert from "node:assert/strict";
import type { ConnectionOwner, Exchange, ExchangeOwner, Fields, HttpConnection } from "farcall/http";
import { FieldTemplate } from "farcall/http";
import { createHttp2Connection } from "farcall/http2";
import { Input } from "../input.ts";
import { type EndPlan, ExchangeEnd } from "../models/exchange-end.ts";

const request = new FieldTemplate([":method", "POST", ":scheme", "http", ":path", "/p/M", ":authority", "localhost"]);
const response = new FieldTemplate([":status", "200"]);
const connectionWindowBytes = 65_535;
const calm = { resetsBurst: 10_000, faultsBurst: 10_000, minPingIntervalMs: 0, minIdlePingIntervalMs: 0 };
const never = Number.POSITIVE_INFINITY;
const maxExchanges = 30;
type Role = "client" | "server";
const peerOf = { client: "server", server: "client" } as const;

/** One machine, its driver, and what it has sent that has not arrived. */
class Side implements ConnectionOwner {
  readonly machine: HttpConnection;
  readonly onExchange: ConnectionOwner["onExchange"];
  underway: Uint8Array = new Uint8Array(0);
  closed = 0;
  #hasOutput = false;

  constructor(role: Role, streamWindowBytes: number, onExchange: ConnectionOwner["onExchange"]) {
    this.onExchange = onExchange;
    const limits = { ...calm, connectionWindowBytes, streamWindowBytes };
    this.machine = createHttp2Connection({ role, owner: this, now: 0, limits });
  }

  /** Takes the output, as a driver does that was told of some. */
  collect(): void {
    if (!this.#hasOutput) return;
    this.#hasOutput = false;
    const parts: Uint8Array[] = [this.underway];
    this.machine.takeOutput(parts);
    this.underway = Uint8Array.from(Buffer.concat(parts));
    this.machine.recycleOutput();
  }

  onOutput(): void {
    this.#hasOutput = true;
  }

  onMuchOutput(): void {
    this.#hasOutput = true;
  }

  onClosed(): void {
    this.closed++;
  }

  onReady(): void {}
  onCapacity(): void {}
  onPong(): void {}
  onLimit(): void {}

  onOverlongHead(exchange: Exchange, head: Fields): ExchangeOwner {
    return this.onExchange(exchange, head, false);
  }
  onDraining(): void {}
}

interface Pairing {
  readonly client: ExchangeEnd;
  readonly serverPlan: EndPlan;
  readonly early: boolean;
  server: ExchangeEnd | undefined;
}

class Pipe {
  readonly sides: Readonly<Record<Role, Side>>;
  readonly pairings: Pairing[] = [];
  /** Exchanges that only damage can have made. */
  readonly strays: ExchangeEnd[] = [];
  isDamaged = false;
  isDraining = false;
  #now = 0;

  constructor(streamWindowBytes: number) {
    this.sides = {
      client: new Side("client", streamWindowBytes, () => assert.fail("a client was asked")),
      server: new Side("server", streamWindowBytes, (exchange, head, last) => this.#accept(exchange, head, last)),
    };
  }

  start(plan: {
    readonly client: Omit<EndPlan, "seed" | "peerSeed">;
    readonly server: Omit<EndPlan, "seed" | "peerSeed">;
    readonly early: boolean;
  }): void {
    const { machine } = this.sides.client;
    if (machine.capacity === 0 || this.pairings.length === maxExchanges) return;
    const seed = 2 * this.pairings.length;
    const client = new ExchangeEnd({ ...plan.client, seed, peerSeed: seed + 1 }, () => !this.isDamaged);
    this.pairings.push({
      client,
      serverPlan: { ...plan.server, seed: seed + 1, peerSeed: seed },
      early: plan.early,
      server: undefined,
    });
    client.exchange = machine.open(client);
    client.exchange.head(request, ["x-exchange", `${seed / 2}`], false);
    client.write();
  }

  #accept(exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    const pairing = this.pairings[Number(head.get("x-exchange"))];
    const plan = pairing?.serverPlan ?? {
      seed: 0,
      peerSeed: 0,
      bytes: 3,
      pieceBytes: 2,
      withTail: true,
      cutAfter: never,
    };
    const end = new ExchangeEnd(plan, () => !this.isDamaged);
    end.exchange = exchange;
    if (pairing === undefined || pairing.server !== undefined) {
      assert.ok(this.isDamaged, "a request came twice, or nobody sent it");
      this.strays.push(end);
    } else pairing.server = end;
    const answer = () => {
      exchange.head(response, undefined, false);
      end.write();
    };
    if (last || pairing?.early === true) answer();
    else end.onEnd = answer;
    return end;
  }

  /** Lets up to `count` bytes arrive; false when there are none. */
  carry(from: Role, count: number): boolean {
    const side = this.sides[from];
    side.collect();
    const bytes = side.underway.subarray(0, count);
    side.underway = side.underway.subarray(count);
    if (bytes.length > 0) this.sides[peerOf[from]].machine.receive(bytes, 0, bytes.length, this.#now);
    return bytes.length > 0;
  }

  damage(from: Role, at: number, bit: number): void {
    const { underway } = this.sides[from];
    const index = at % Math.max(1, underway.length);
    if (underway.length === 0) return;
    underway[index] = (underway[index] as number) ^ (1 << bit);
    this.isDamaged = true;
  }

  pass(timeMs: number): void {
    this.#now += timeMs;
    for (const { machine } of Object.values(this.sides)) machine.advance(this.#now);
  }

  command(role: Role, what: number): void {
    const { machine } = this.sides[role];
    if (what % 4 === 0) {
      machine.drain("told to", this.#now);
      this.isDraining = true;
    } else if (what % 4 === 1) machine.ping(this.#now);
    else machine.setWritable(what % 4 === 2);
  }

  get ends(): ExchangeEnd[] {
    return [
      ...this.pairings.flatMap(({ client, server }) => (server === undefined ? [client] : [client, server])),
      ...this.strays,
    ];
  }

  /** No stream is lost, and none stays open that was cut, whatever was done last. */
  check(): void {
    const clients = this.pairings.map(({ client }) => client);
    const servers = [...this.pairings.flatMap(({ server }) => server ?? []), ...this.strays];
    for (const [role, ends] of Object.entries({ client: clients, server: servers })) {
      const { openExchanges } = this.sides[role as Role].machine;
      const uncut = ends.filter(({ isCut }) => !isCut).length;
      // A server that has answered all is told nothing more of the request.
      const awaited = ends.filter(
        (end) => !end.isCut && !end.heardAll && !(role === "server" && end.hasSentAll),
      ).length;
      const count = `${openExchanges} exchanges of the ${role} are open, of ${awaited} to ${uncut}`;
      assert.ok(awaited <= openExchanges && openExchanges <= uncut, count);
    }
  }

  /** Lets all that is on its way arrive; with `consuming`, and what follows from it. */
  settle(consuming: boolean): void {
    for (let moved = true; moved; ) {
      moved = this.carry("client", never) || this.carry("server", never);
      if (!moved && consuming) for (const end of this.ends) moved = end.consume() || moved;
    }
  }
}

function planOf(input: Input) {
  const [requestBytes, responseBytes, flags] = [input.short() % 20_000, input.short() % 20_000, input.byte()];
  const pieceBytes = input.pick([1000, 100, 5000, 20_000]);
  const cutAfter = 1 + (input.short() % 10_000);
  const side = (bytes: number, cuts: boolean, withTail: boolean) => ({
    bytes,
    pieceBytes,
    withTail,
    cutAfter: cuts ? cutAfter : never,
  });
  return {
    client: side(requestBytes, (flags & 12) === 4, false),
    server: side(responseBytes, (flags & 12) === 8, (flags & 1) === 0),
    early: (flags & 2) !== 0,
  };
}

function step(pipe: Pipe, input: Input): void {
  const kind = input.byte();
  const role = kind & 0x80 ? "server" : "client";
  switch (kind % 8) {
    case 0:
      return pipe.start(planOf(input));
    case 1:
      return void pipe.carry(role, 1 + input.byte());
    case 2:
      return void pipe.carry(role, input.short());
    case 3:
      return void pipe.ends[input.byte() % Math.max(1, pipe.ends.length)]?.consume();
    case 4:
      return void pipe.ends[input.byte() % Math.max(1, pipe.ends.length)]?.cut();
    case 5:
      return pipe.pass(input.byte() % 8);
    case 6:
      return pipe.command(role, input.byte());
    default:
      // Rare, since it ends most of what is of interest.
      if (input.byte() % 4 === 0) pipe.damage(role, input.short(), input.byte() % 8);
  }
}

export function fuzz(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const streamWindowBytes = input.pick([65_535, 100, 5000]);
  const pipe = new Pipe(streamWindowBytes);
  if (input.byte() % 2 === 0) pipe.settle(false);
  while (!input.isDone) {
    step(pipe, input);
    pipe.check();
  }
  for (const { machine } of Object.values(pipe.sides)) machine.setWritable(true);
  pipe.settle(true);
  if (pipe.isDamaged) return checkDamaged(pipe);
  for (const pairing of pipe.pairings) checkPairing(pipe, pairing);
  const { client, server } = pipe.sides;
  assert.deepEqual([client.machine.openExchanges, server.machine.openExchanges], [0, 0]);
  if (pipe.isDraining) return;
  assert.deepEqual([client.closed, server.closed], [0, 0]);
  if (streamWindowBytes === connectionWindowBytes) checkWindows(pipe);
}

function checkDamaged(pipe: Pipe): void {
  for (const { machine } of Object.values(pipe.sides)) machine.disconnect("the socket is gone");
  for (const { machine, closed } of Object.values(pipe.sides))
    assert.deepEqual([closed, machine.openExchanges], [1, 0]);
  // A side that has all, or a server that has answered all, is told nothing more.
  for (const { client } of pipe.pairings) assert.ok(client.isCut || client.heardAll, "a client's exchange has no end");
  const servers = [...pipe.pairings.flatMap(({ server }) => server ?? []), ...pipe.strays];
  for (const end of servers) assert.ok(end.isCut || end.heardAll || end.hasSentAll, "a server's exchange has no end");
}

function checkPairing(pipe: Pipe, { client, server, early }: Pairing): void {
  if (client.reset !== undefined && client.reset.proof !== "none") {
    assert.ok(pipe.isDraining, `an exchange was ${client.reset.proof}: ${client.reset.reason}`);
    assert.equal(server, undefined, "what is said to be refused was served");
    return;
  }
  assert.ok(server !== undefined, "a request was lost");
  assert.ok(client.isCut || client.heardAll, "a client's exchange has no end");
  assert.ok(server.isCut || server.heardAll || early, "a server's exchange has no end");
  if (client.hasCut || server.hasCut) return;
  assert.ok(
    client.heardAll && server.hasSentAll && (early || server.heardAll),
    `nobody cut it: ${client.reset?.reason}`,
  );
  // The rest of a request that was answered before its end is of no use (RFC 9113 section 8.1).
  assert.ok(client.reset === undefined || (early && client.reset.code === "NO_ERROR"), client.reset?.reason);
}

/** Three quarters of the connection's window are there at least, each way, without anybody consuming anything. */
function checkWindows(pipe: Pipe): void {
  const bytes = Math.floor((connectionWindowBytes * 3) / 4);
  const plan = { bytes, pieceBytes: 20_000, withTail: false, cutAfter: never };
  const before = pipe.pairings.length;
  pipe.start({ client: plan, server: plan, early: false });
  pipe.settle(false);
  const last = pipe.pairings[before];
  if (last === undefined) return;
  assert.deepEqual([last.server?.received, last.client.received], [bytes, bytes], "credit was lost");
}

export function seeds(): Uint8Array[] {
  const start = (requestBytes: number, responseBytes: number, flags = 0) => [
    0,
    requestBytes >> 8,
    requestBytes & 255,
    responseBytes >> 8,
    responseBytes & 255,
    flags,
    1,
    0,
    50,
  ];
  const roads = [
    [0, 0, ...start(10, 10)],
    [0, 0, ...start(5000, 9000), 2, 1, 0, 130, 1, 0, 3, 0, 3, 1],
    [1, 0, ...start(1000, 1000, 1), ...start(300, 0), 1, 200, 129, 200, 1, 9],
    [2, 0, ...start(9000, 9000, 2), 2, 40, 0, 130, 40, 0, 3, 0, 3, 1, 2, 40, 0],
    [0, 0, ...start(100, 5000, 4), ...start(5000, 100, 8), 2, 255, 255],
    [0, 0, ...start(0, 0, 3), 4, 0, ...start(1, 1), 1, 30, 4, 1],
    [0, 0, ...start(200, 200), 2, 1, 0, 134, 0, 5, 7, 130, 9, 9, ...start(5, 5)],
    [0, 0, ...start(200, 200), 6, 0, 2, 1, 0, 130, 9, 9],
    [0, 0, ...start(20_000 - 1, 1000), 6, 3, 2, 9, 9, 134, 3, 6, 2, 130, 9, 9],
    [0, 0, ...start(100, 100), 7, 0, 0, 12, 3, 2, 9, 9],
    [0, 1, 1, 10, 129, 10, 1, 200, 129, 200, 1, 60, 129, 60, ...start(3, 3), 6, 1, 134, 1],
    [0, 0, ...start(500, 500), 2, 1, 0, 135, 0, 0, 3, 1, 130, 9, 9],
  ];
  return roads.map((road) => Uint8Array.from(road));
}
