// The command line: the types of what an Any or an error's detail holds. No contract need name them: those that farcall
// carries (protobuf's own, google.rpc's of errors) are known everywhere, and the server is asked for the others.
import { join } from "node:path";
import { linkFiles } from "../idl/linker/link.ts";
import { MarshalError } from "../marshal/errors.ts";
import { TypeRegistry } from "../marshal/registry.ts";
import type { MessageType, MessageTypes } from "../marshal/types.ts";
import type { Contracts } from "./contracts.ts";
import { packageFolder } from "./package-folder.ts";
import { ProtoFolders } from "./proto-folders.ts";

const protobufNames = ["any", "api", "duration", "empty", "field_mask", "struct", "timestamp", "type", "wrappers"];
const carriedFiles = [
  ...protobufNames.map((name) => `google/protobuf/${name}.proto`),
  "google/rpc/error_details.proto",
];

/** Types that are asked for while JSON is read or written. */
export class HeldTypes implements MessageTypes {
  readonly #contracts: Contracts;
  #carried: TypeRegistry | undefined;
  /** Names that nothing here knows, and whether the contracts were asked for them. */
  readonly #missing = new Map<string, "new" | "asked">();

  constructor(contracts: Contracts) {
    this.#contracts = contracts;
  }

  findMessage(typeName: string): MessageType | undefined {
    const found = this.#contracts.types.findMessage(typeName) ?? this.#findCarried(typeName);
    if (found === undefined && !this.#missing.has(typeName)) this.#missing.set(typeName, "new");
    return found;
  }

  /** The type of a name, wherever it may be known. */
  async learnMessage(typeName: string): Promise<MessageType | undefined> {
    const known = this.findMessage(typeName);
    if (known !== undefined) return known;
    await this.#learn();
    return this.findMessage(typeName);
  }

  /** Does what needs types, and does it again when it failed for one that the contracts turn out to know. */
  async whileLearning<Result>(task: () => Result): Promise<Result> {
    for (;;) {
      try {
        return task();
      } catch (error) {
        const lacksType = error instanceof MarshalError && error.code === "unknown-type";
        if (!lacksType) throw error;
        if (await this.#learn()) continue;
        const advice = "--proto FILE names the files of more types";
        throw new MarshalError(error.code, `${error.detail} (${advice})`, { path: error.path });
      }
    }
  }

  /** Asks for what is missing; true when something new is known. */
  async #learn(): Promise<boolean> {
    let learned = false;
    for (const [name, state] of this.#missing) {
      if (state === "asked") continue;
      this.#missing.set(name, "asked");
      learned = (await this.#contracts.find(name))?.kind === "message" || learned;
    }
    return learned;
  }

  #findCarried(typeName: string): MessageType | undefined {
    if (!/^google\.(?:protobuf|rpc)\./.test(typeName)) return undefined;
    this.#carried ??= readCarried();
    return this.#carried.findMessage(typeName);
  }
}

function readCarried(): TypeRegistry {
  const folders = new ProtoFolders([join(packageFolder(), "third_party/protobuf")]);
  return new TypeRegistry().addFiles(linkFiles(carriedFiles, (path) => folders.read(path)).allFiles);
}
