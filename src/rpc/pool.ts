// RPC layer: a channel's inner life: its resolver's addresses, their connections, and the calls that wait for one. It
// decides which addresses are connected to, and by its picker where a call goes.
import type { Clock } from "../host/clock.ts";
import type { Compression } from "../host/compression.ts";
import type { SocketFault } from "../host/fault.ts";
import type { Machine } from "../host/machine.ts";
import type { StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection, KeepAliveOptions } from "../http/connection.ts";
import { AbortSignals } from "./abort-signals.ts";
import { AddressBook, type AddressBookEvents, type KnownAddress } from "./address-book.ts";
import { AddressConnections, type AddressEvents, type AddressParts } from "./address-connections.ts";
import { AddressList } from "./address-list.ts";
import { CallCounts } from "./call-counts.ts";
import {
  type ChannelSnapshot,
  describeAddress,
  describeCalls,
  describeConnections,
  pictureAddress,
} from "./channel-snapshot.ts";
import type { CallChannel, ClientCall, Waiting } from "./client-call.ts";
import { createPicker } from "./create-picker.ts";
import { FirstDialler } from "./first-dialler.ts";
import { GuardedPicker } from "./guarded-picker.ts";
import { ClientKeepAlive } from "./keep-alive.ts";
import type { Link } from "./link.ts";
import type { Picker } from "./picker.ts";
import type { ChannelPicture } from "./picture.ts";
import { checkPoolOptions, type PoolOptions } from "./pool-options.ts";
import { ProcessHold } from "./process-hold.ts";
import type { ClientProtocol } from "./protocol.ts";
import type { ResolvedAddress, Resolver } from "./resolver.ts";
import { DeadlineWheel } from "./wheel.ts";

export interface PoolParts {
  readonly machine: Machine;
  readonly protocol: ClientProtocol;
  readonly connect: (owner: ConnectionOwner, now: number, keepAlive: KeepAliveOptions | undefined) => HttpConnection;
  readonly resolver: Resolver;
  /** Checks an address that the resolver named, and says how it is opened. Throws when it cannot be one. */
  readonly prepareAddress: (address: ResolvedAddress) => KnownAddress;
  /** The target in words, for messages. */
  readonly target: string;
  readonly formatRemote: (socket: StreamSocket) => string;
}

/** Faults of single addresses that the error of a call tells. */
const maxToldFaults = 4;

/** The connections and waiting calls of a channel. */
export class ConnectionPool implements CallChannel, AddressEvents, AddressBookEvents {
  readonly protocol: ClientProtocol;
  readonly wheel: DeadlineWheel;
  readonly signals = new AbortSignals();
  readonly target: string;
  readonly counts = new CallCounts();
  readonly hold: ProcessHold;
  readonly interceptedCalls = new Set<{ cancel(reason: string): void }>();
  readonly #parts: PoolParts;
  readonly #options: ReturnType<typeof checkPoolOptions>;
  readonly #keepAlive: ClientKeepAlive;
  readonly #book: AddressBook;
  readonly #picker: Picker;
  readonly #dialler: FirstDialler;
  readonly #list: AddressList;
  readonly #queue = new Set<ClientCall>();
  /** The last pick had a silent connection asked. */
  #askedNow = false;
  #everReady = false;
  #closed = false;
  #lastFault: string | undefined = undefined;
  #whenEmpty: (() => void) | undefined = undefined;
  #emptied: Promise<void> | undefined = undefined;

  constructor(parts: PoolParts, options: PoolOptions) {
    const { machine } = parts;
    const checked = checkPoolOptions(options);
    this.#parts = parts;
    this.#options = checked;
    this.#keepAlive = new ClientKeepAlive(options.keepAlive);
    this.protocol = parts.protocol;
    this.target = parts.target;
    this.wheel = new DeadlineWheel(machine.clock, machine.timers);
    this.hold = new ProcessHold(machine);
    const addressParts: AddressParts = {
      machine,
      wheel: this.wheel,
      connect: (owner, now) => parts.connect(owner, now, this.#keepAlive.options),
      events: this,
      connectTimeoutMs: checked.connectTimeoutMs,
      backoff: checked.backoff,
      watch: { silentAfterMs: checked.pingAfterMs, answerWithinMs: checked.pingTimeoutMs },
    };
    this.#list = new AddressList((known) => new AddressConnections(known, addressParts));
    this.#book = new AddressBook(parts.resolver, {
      clock: machine.clock,
      timers: machine.timers,
      maxAddresses: checked.maxAddresses,
      prepare: parts.prepareAddress,
      events: this,
    });
    const picker = createPicker(checked.balance, machine.random);
    const onFault = (message: string): void => {
      this.#lastFault = message;
    };
    this.#picker = picker === checked.balance ? new GuardedPicker(picker, onFault) : picker;
    this.#dialler = new FirstDialler(this.wheel, () => this.#list.all);
  }

  /** What messages may be compressed with. */
  get compression(): Compression {
    return this.#parts.machine.compression;
  }

  get clock(): Clock {
    return this.#parts.machine.clock;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  pick(): Link | undefined {
    const address = this.#list.only ?? (this.#picker.pick(this.#list.open) as AddressConnections | undefined);
    return address?.pick() ?? this.#askSilent(address);
  }

  enqueue(call: ClientCall): boolean {
    if (this.#closed) {
      call.giveUp("CANCELLED", "the channel is closed", undefined);
      return true;
    }
    if (this.#queue.size >= this.#options.maxQueuedCalls) return false;
    this.#queue.add(call);
    if (this.#list.open.length === 0) this.#book.ask();
    this.#grow();
    return true;
  }

  dequeue(call: ClientCall): void {
    this.#queue.delete(call);
  }

  waiting(): Waiting {
    const { target } = this;
    const fault = this.#book.isEmpty ? this.#book.fault : this.#lastFault;
    const last = fault === undefined ? "" : `; the last attempt failed: ${fault}`;
    if (this.#book.isEmpty) return { phase: "resolving", text: `while resolving ${target}${last}` };
    if (this.#list.open.some(({ isSilent }) => !isSilent)) return { phase: "queued", text: this.#fullText() };
    if (this.#list.open.length > 0) {
      return { phase: "connecting", text: `while asking ${target}, silent for long, whether it is there` };
    }
    if (!this.#list.all.some(({ isConnecting }) => isConnecting) && this.#list.all.some(({ isPausing }) => isPausing)) {
      return { phase: "backoff", text: `while waiting to connect to ${target} again${last}` };
    }
    return { phase: "connecting", text: `while connecting to ${target}${last}` };
  }

  snapshot(): ChannelSnapshot {
    const { formatRemote, machine } = this.#parts;
    const all = this.#list.withRetired;
    return {
      target: this.target,
      state: this.#state(),
      resolver: this.#book.snapshot(),
      addresses: all.map(describeAddress),
      connections: all.flatMap((address) => describeConnections(address, formatRemote)),
      calls: describeCalls(this.counts, machine.clock),
      queuedCalls: this.#queue.size,
      deadlines: this.wheel.size,
      lastFault: this.#lastFault,
      keepAliveIntervalMs: this.#keepAlive.options?.intervalMs,
    };
  }

  /** A picture of the channel with all its parts; for the runtime, whose services tell of channels. */
  picture(): ChannelPicture {
    return {
      target: this.target,
      state: this.#state(),
      calls: describeCalls(this.counts, this.clock),
      addresses: this.#list.withRetired.map(pictureAddress),
    };
  }

  /** Ends every call with CANCELLED and every connection; resolves when the sockets are closed. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#book.stop();
      this.#dialler.settle(undefined);
      for (const call of [...this.interceptedCalls]) call.cancel("the channel was closed");
      for (const call of [...this.#queue]) call.giveUp("CANCELLED", "the channel was closed", undefined);
      for (const address of this.#list.withRetired) address.close("the channel was closed");
    }
    this.#emptied ??= new Promise((resolve) => {
      this.#whenEmpty = () => {
        // Its timer would keep the channel in memory until the last deadline that ever was.
        this.wheel.close();
        resolve();
      };
      this.#checkEmpty();
    });
    return this.#emptied;
  }

  // From the address book

  onAddresses(list: readonly KnownAddress[]): void {
    this.#list.replace(list);
    this.#serveQueue();
  }

  onUnresolved(message: string, cause: unknown): void {
    this.#lastFault = message;
    this.#failWaiting(message, cause);
  }

  need(): "calls" | "connections" | "nobody" {
    if (this.#queue.size > 0) return "calls";
    return this.#list.connectionCount > 0 ? "connections" : "nobody";
  }

  // From addresses

  onReady(address: AddressConnections): void {
    this.#everReady = true;
    this.#lastFault = undefined;
    this.#list.findOpen();
    if (!this.#picker.spreads) this.#dialler.settle(address);
    this.#serveQueue();
  }

  onHeard(address: AddressConnections): void {
    // The call for which it was asked is to go there, or a server called rarely would be asked for nothing each time.
    const [call] = this.#queue;
    const link = address.pick();
    if (call !== undefined && link !== undefined) this.#serve(call, link);
    this.#serveQueue();
  }

  onRoom(): void {
    if (this.#queue.size > 0) this.#serveQueue();
  }

  onLost(): void {
    this.#list.findOpen();
    if (this.#closed) return;
    this.#book.ask();
    this.#serveQueue();
  }

  onAttemptFailed(address: AddressConnections, fault: SocketFault): void {
    this.#lastFault = this.#sayTarget(fault.message);
    if (this.#closed || this.#list.isRetired(address)) return;
    this.#book.ask();
    const others = this.#list.all.filter((one) => one !== address);
    if (others.every(({ isPausing }) => isPausing)) this.#failWaiting(this.#faultOfAll(), fault);
    else if (!this.#picker.spreads && this.#list.open.length === 0) this.#dialler.next();
  }

  wanted(address: AddressConnections): boolean {
    if (this.#picker.spreads && !address.isOpen) return this.need() !== "nobody";
    if (this.#queue.size === 0) return false;
    return this.#list.open.length === 0 || (address.isOpen && this.#mayGrow());
  }

  onPingedTooOften(): void {
    this.#keepAlive.slowDown();
  }

  onGone(address: AddressConnections): void {
    this.#list.forget(address);
    this.#checkEmpty();
  }

  #state(): ChannelSnapshot["state"] {
    if (this.#closed) return "closed";
    if (this.#list.all.some(({ state }) => state === "ready")) return "ready";
    const { state } = this.#book.snapshot();
    if (this.#book.isEmpty) return state === "idle" ? "idle" : "resolving";
    const states = new Set(this.#list.all.map((address) => address.state));
    return states.has("connecting") ? "connecting" : states.has("backoff") ? "backoff" : "idle";
  }

  #serveQueue(): void {
    for (const call of this.#queue) {
      this.#askedNow = false;
      const link = this.pick();
      if (link !== undefined) this.#serve(call, link);
      // One that waits for an answer keeps none of the others from going elsewhere.
      else if (!this.#askedNow) break;
    }
    this.#grow();
  }

  #serve(call: ClientCall, link: Link): void {
    this.#queue.delete(call);
    call.attemptOn(link);
  }

  /** An address was picked that takes no call now: if that is for silence, it is asked. */
  #askSilent(address: AddressConnections | undefined): Link | undefined {
    if (address === undefined || !address.askSilent()) return undefined;
    this.#askedNow = true;
    this.#list.findOpen();
    // One that may not be asked again is out of the choice.
    return address.isOpen ? address.pick() : this.pick();
  }

  /** Sees to it that there are the connections that the picker and the waiting calls want. */
  #grow(): void {
    if (this.#closed) return;
    if (this.#picker.spreads && this.need() !== "nobody") this.#list.connectAll();
    if (this.#queue.size === 0 || this.#list.all.length === 0) return;
    // What becomes of those that are asked shows within a second.
    if (this.#list.open.some(({ isAsked }) => isAsked)) return;
    if (this.#list.open.length === 0) this.#dialler.dial();
    else if (this.#mayGrow()) this.#list.leastConnected()?.connect();
  }

  /** Whether another connection may be opened to an address that has one. */
  #mayGrow(): boolean {
    return this.#list.connectionCount < this.#options.maxConnections;
  }

  /** Calls end that wait on a channel which never worked. Those on one that did wait until their deadlines. */
  #failWaiting(message: string, cause: unknown): void {
    if (this.#everReady) return;
    for (const call of [...this.#queue]) if (!call.waitForReady) call.giveUp("UNAVAILABLE", message, cause);
  }

  #fullText(): string {
    const count = this.#list.connectionCount;
    const { maxConnections } = this.#options;
    const limit = count >= maxConnections ? ` (option maxConnections is ${maxConnections})` : "";
    return `while queued: all ${count} connections to ${this.target} are full${limit}`;
  }

  #faultOfAll(): string {
    const faults = this.#list.faults();
    if (faults.length <= 1) return this.#sayTarget(faults[0] ?? "");
    const more = faults.length > maxToldFaults ? `; and ${faults.length - maxToldFaults} more` : "";
    return `no address of ${this.target} can be connected to: ${faults.slice(0, maxToldFaults).join("; ")}${more}`;
  }

  /** A sentence about an address, which says the target too when that is a name. */
  #sayTarget(message: string): string {
    const { target } = this;
    return this.#list.all.some(({ address }) => target.includes(address)) ? message : `${target}: ${message}`;
  }

  #checkEmpty(): void {
    if (this.#whenEmpty === undefined) return;
    if (this.#list.withRetired.some(({ isEmpty }) => !isEmpty)) return;
    this.#whenEmpty();
    this.#whenEmpty = undefined;
  }
}
