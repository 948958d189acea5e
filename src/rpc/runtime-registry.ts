// RPC layer: the channels and servers that a runtime has made, for services that tell of them. It keeps none of them: what
// the program has let go of is collected, and forgotten here.
import type { ChannelPicture, Pictured, ServerPicture } from "./picture.ts";

/** Something with the number that it is asked for by. */
export interface Numbered<Picture> {
  readonly id: number;
  readonly picture: Picture;
}

/** What handlers may see of it: `call.server.runtime`. */
export interface RuntimeView {
  /** Open channels, at most `max` of them, by their numbers from `fromId` on. */
  channels(fromId: number, max: number): readonly Numbered<ChannelPicture>[];
  /** Servers that are not closed, in the same way. */
  servers(fromId: number, max: number): readonly Numbered<ServerPicture>[];
  /**
   * The number of a part of a picture by its identity: positive, of that part alone, never given again. What is asked for
   * first has the lower number.
   */
  idOf(identity: object): number;
}

/** How many may be gone before somebody looks for them. */
const minPruned = 16;

/** Things by their numbers, as long as somebody else has them. */
class Living<Picture extends { readonly state: string }> {
  readonly #refs = new Map<number, WeakRef<Pictured<Picture>>>();
  #pruneAt = minPruned;

  get size(): number {
    return this.#refs.size;
  }

  add(id: number, thing: Pictured<Picture>): void {
    this.#refs.set(id, new WeakRef(thing));
    if (this.#refs.size < this.#pruneAt) return;
    for (const _ of this.all());
    this.#pruneAt = Math.max(minPruned, this.#refs.size * 2);
  }

  /** In the order of their numbers. Forgets what is collected or closed on the way. */
  *all(fromId = 0): Generator<Numbered<Picture>> {
    for (const [id, ref] of this.#refs) {
      if (id < fromId) continue;
      const picture = ref.deref()?.picture();
      if (picture === undefined || picture.state === "closed") this.#refs.delete(id);
      else yield { id, picture };
    }
  }
}

export class RuntimeRegistry implements RuntimeView {
  readonly #ids = new WeakMap<object, number>();
  readonly #channels = new Living<ChannelPicture>();
  readonly #servers = new Living<ServerPicture>();
  #lastId = 0;

  /** Entries, those of things that were collected unnoticed among them. */
  get size(): number {
    return this.#channels.size + this.#servers.size;
  }

  addChannel(channel: Pictured<ChannelPicture>): void {
    this.#channels.add(this.idOf(channel), channel);
  }

  addServer(server: Pictured<ServerPicture>): void {
    this.#servers.add(this.idOf(server), server);
  }

  channels(fromId: number, max: number): readonly Numbered<ChannelPicture>[] {
    return take(this.#channels.all(fromId), max);
  }

  servers(fromId: number, max: number): readonly Numbered<ServerPicture>[] {
    return take(this.#servers.all(fromId), max);
  }

  idOf(identity: object): number {
    let id = this.#ids.get(identity);
    if (id === undefined) {
      id = ++this.#lastId;
      this.#ids.set(identity, id);
    }
    return id;
  }
}

function take<Item>(items: Iterable<Item>, max: number): readonly Item[] {
  const taken: Item[] = [];
  if (max < 1) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length >= max) break;
  }
  return taken;
}
