// gRPC's interoperability tests ask whether single messages came compressed, and that single replies go as they are. Farcall
// compresses by call: here the machine's compressors and the codecs of messages are watched, which work hand in hand.
import type { Compressor, Machine } from "farcall/host";
import type { MessageType } from "farcall/marshal";

export class CompressionWatch {
  /** What was inflated last. */
  #inflated: Uint8Array | undefined = undefined;
  readonly #compressed = new WeakSet<object>();
  readonly #plain = new WeakSet<object>();
  /** The message that is encoded is to go as it is. */
  #goesPlain = false;

  /** The machine with its compressors watched. */
  watchMachine(machine: Machine): Machine {
    const { names, find } = machine.compression;
    const watched = new Map(names.map((name) => [name, this.#watchCompressor(find(name) as Compressor)]));
    return { ...machine, compression: { names, find: (name) => watched.get(name) } };
  }

  /** The type with its codec watched. */
  watchType<Type extends MessageType<Message, Init>, Message extends object, Init extends object>(type: Type): Type {
    const codec: (typeof type)["codec"] = {
      encode: (value, into) => {
        this.#goesPlain = this.#plain.has(value);
        type.codec.encode(value, into);
      },
      decode: (bytes, start, end, limits) => {
        const message = type.codec.decode(bytes, start, end, limits);
        if (bytes === this.#inflated) this.#compressed.add(message);
        return message;
      },
    };
    // Not a copy: the methods of a type reach for what only the type itself has.
    return new Proxy(type, {
      get(target, name) {
        if (name === "codec") return codec;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  cameCompressed(message: object): boolean {
    return this.#compressed.has(message);
  }

  /** The message, which will be sent as it is. */
  keepPlain<Message extends object>(message: Message): Message {
    this.#plain.add(message);
    return message;
  }

  #watchCompressor(compressor: Compressor): Compressor {
    return {
      name: compressor.name,
      // A message that did not become smaller is sent as it is.
      compress: (bytes) => (this.#goesPlain ? bytes : compressor.compress(bytes)),
      decompress: (bytes, maxBytes) => {
        this.#inflated = compressor.decompress(bytes, maxBytes);
        return this.#inflated;
      },
    };
  }
}
