// Marshal layer: the file of a generated module in parts, a part for each type at top level. A bundler that keeps some types
// keeps their parts and no others; where all is kept, as without a bundler, types are described in the whole file.
import type { FileDescriptor } from "../idl/descriptor.ts";
import { FileDescriber } from "../idl/generator/describe.ts";
import type {
  EnumOutline,
  FileContent,
  FileHeader,
  MessageOutline,
  FileOutline as WholeOutline,
} from "../idl/generator/outline.ts";
import type { EnumType, MessageType } from "./types.ts";

/** A type at top level and what is needed to describe it. */
export interface FilePart {
  readonly message?: MessageOutline;
  readonly enum?: EnumOutline;
  /** Types of the same file that its fields hold. */
  readonly uses?: readonly DescribePart[];
  /** Types of other files. */
  // biome-ignore lint/suspicious/noExplicitAny: a bound that every type fits
  readonly imports?: readonly (MessageType<any, any> | EnumType<any, any>)[];
}
/** Gives a part; it is the part's identity. */
export type DescribePart = () => FilePart;

/** All that a file declares. */
export interface FileOutline extends Pick<FileContent, "services" | "extensions"> {
  readonly parts: readonly DescribePart[];
}

/** The outline of a file out of its parts. */
export function joinOutline(header: FileHeader, { parts, ...others }: FileOutline): WholeOutline {
  return { ...header, ...others, ...contentOf(parts.map((part) => part())) };
}

function contentOf(parts: readonly FilePart[]): FileContent {
  return {
    messages: parts.flatMap(({ message }) => (message === undefined ? [] : [message])),
    enums: parts.flatMap((part) => (part.enum === undefined ? [] : [part.enum])),
  };
}

/** The parts of one file. */
export class FileParts {
  readonly header: () => FileHeader;
  #whole: (() => FileDescriptor) | undefined;
  /** Only where the whole is not kept: what was asked for so far. */
  #describer: FileDescriber | undefined;
  readonly #described = new Set<DescribePart>();

  constructor(header: () => FileHeader) {
    this.header = header;
  }

  /** Says how the whole file is described. */
  setWhole(whole: () => FileDescriptor): () => FileDescriptor {
    this.#whole = whole;
    return whole;
  }

  /** The whole file, when it is kept. */
  whole(): FileDescriptor | undefined {
    return this.#whole?.();
  }

  /** The file, in which `part` and all that it uses are described: whole where that is kept. */
  fileWith(part: DescribePart): FileDescriptor {
    return this.#whole === undefined ? this.#grow(part) : this.#whole();
  }

  #grow(part: DescribePart): FileDescriptor {
    this.#describer ??= new FileDescriber(this.header(), []);
    const describer = this.#describer;
    if (this.#described.has(part)) return describer.file;
    const wanted = new Set([part]);
    const found: FilePart[] = [];
    // A set's iterator also visits what is added on the way.
    for (const describe of wanted) {
      if (this.#described.has(describe)) continue;
      this.#described.add(describe);
      const one = describe();
      found.push(one);
      for (const used of one.uses ?? []) wanted.add(used);
      for (const type of one.imports ?? []) describer.importType(type.descriptor);
    }
    describer.add(contentOf(found));
    return describer.file;
  }
}
