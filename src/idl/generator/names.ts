// IDL layer, generator: the TypeScript names of what a file declares. Given the same file they are always the same, so that
// other files can import by them. A name that is taken, or that TypeScript cannot declare, gets a `$`.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from "../descriptor.ts";
import { defaultJsonName } from "../names.ts";

/** Words that cannot be declared as both a type and a value in a module. */
const forbiddenNames: ReadonlySet<string> = new Set(
  (
    "any arguments as async await bigint boolean break case catch class const continue debugger declare default delete do " +
    "else enum eval export extends false finally for function if implements import in infer instanceof interface is keyof " +
    "let module namespace never new null number object of package private protected public readonly return static string " +
    "super switch symbol this throw true try type typeof undefined unique unknown var void while with yield"
  ).split(" "),
);

/** Names handed out once each. */
export class NameClaims {
  readonly #taken = new Set<string>();

  claim(wanted: string): string {
    let name = forbiddenNames.has(wanted) ? `${wanted}$` : wanted;
    while (this.#taken.has(name)) name += "$";
    this.#taken.add(name);
    return name;
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }
}

/** The names by which a message is known in the generated file; all but the first two stay within it. */
export interface MessageNames {
  readonly type: string;
  readonly init: string;
  readonly encode: string;
  readonly decode: string;
  readonly empty: string;
  readonly create: string;
}

/** All names of one generated file. */
export class FileNames {
  readonly claims = new NameClaims();
  /** The function that gives the file's descriptor. */
  readonly file: string;
  /** The function that describes the file; it stays within the module, as do its parts. */
  readonly outline: string;
  readonly parts: string;
  readonly #messages = new Map<MessageDescriptor, MessageNames>();
  readonly #enums = new Map<EnumDescriptor, string>();
  readonly #services = new Map<ServiceDescriptor, string>();
  readonly #methods = new Map<MethodDescriptor, string>();
  readonly #extensions = new Map<ExtensionDescriptor, string>();
  readonly #parts = new Map<MessageDescriptor | EnumDescriptor, string>();

  constructor(file: FileDescriptor) {
    const { claims } = this;
    const messages = allMessages(file);
    // What users write comes first: a helper never takes a type's name.
    const types = new Map(messages.map((one) => [one, claims.claim(joinedName(one))]));
    for (const one of allEnums(file)) this.#enums.set(one, claims.claim(joinedName(one)));
    for (const one of file.services) this.#services.set(one, claims.claim(one.name));
    for (const service of file.services) {
      for (const one of service.methods) {
        this.#methods.set(one, claims.claim(`${this.ofService(service)}_${one.localName}`));
      }
    }
    for (const one of allExtensions(file)) this.#extensions.set(one, claims.claim(extensionName(one)));
    const inits = new Map(messages.map((one) => [one, claims.claim(`${types.get(one)}Init`)]));
    this.file = claims.claim(`${defaultJsonName(baseName(file.name))}File`);
    this.outline = claims.claim("outline");
    this.parts = claims.claim("parts");
    for (const one of [...file.messages, ...file.enums]) this.#parts.set(one, claims.claim(`describe${one.name}`));
    for (const one of messages) {
      const type = types.get(one) as string;
      this.#messages.set(one, {
        type,
        init: inits.get(one) as string,
        encode: claims.claim(`encode${type}`),
        decode: claims.claim(`decode${type}`),
        empty: claims.claim(`empty${type}`),
        create: claims.claim(`create${type}`),
      });
    }
  }

  ofMessage(message: MessageDescriptor): MessageNames {
    return this.#messages.get(message) as MessageNames;
  }

  ofEnum(descriptor: EnumDescriptor): string {
    return this.#enums.get(descriptor) as string;
  }

  ofService(service: ServiceDescriptor): string {
    return this.#services.get(service) as string;
  }

  ofExtension(extension: ExtensionDescriptor): string {
    return this.#extensions.get(extension) as string;
  }

  /** The function that describes what the type stands in at top level. */
  ofPart(type: MessageDescriptor | EnumDescriptor): string {
    return this.#parts.get(topLevel(type)) as string;
  }

  ofMethod(method: MethodDescriptor): string {
    return this.#methods.get(method) as string;
  }
}

/** The messages of a file that get a type, outer ones first: entries of maps do not. */
export function allMessages(file: FileDescriptor): MessageDescriptor[] {
  const found: MessageDescriptor[] = [];
  const add = (message: MessageDescriptor): void => {
    if (message.mapEntry) return;
    found.push(message);
    message.messages.forEach(add);
  };
  file.messages.forEach(add);
  return found;
}

/** The enums of a file, nested ones last. */
export function allEnums(file: FileDescriptor): EnumDescriptor[] {
  return [...file.enums, ...allMessages(file).flatMap((one) => one.enums)];
}

/** The extensions that a file declares, those within messages last. */
export function allExtensions(file: FileDescriptor): ExtensionDescriptor[] {
  return [...(file.extensions ?? []), ...allMessages(file).flatMap((one) => one.extensions ?? [])];
}

/** `owner` for an extension at top level, `Outer_owner` for one that a message declares. */
function extensionName({ name, parent }: ExtensionDescriptor): string {
  const own = defaultJsonName(name);
  return parent === undefined ? own : `${joinedName(parent)}_${own}`;
}

/** The message around all others around a type, or the type when there is none. */
export function topLevel(type: MessageDescriptor | EnumDescriptor): MessageDescriptor | EnumDescriptor {
  return type.parent === undefined ? type : topLevel(type.parent);
}

/** `Outer_Inner` for a message within a message. */
function joinedName(type: MessageDescriptor | EnumDescriptor): string {
  return type.parent === undefined ? type.name : `${joinedName(type.parent)}_${type.name}`;
}

/** `a/field_mask.proto` -> `field_mask`, made an identifier. */
function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.proto$/, "");
  return name.replace(/^[^A-Za-z_]/, "_$&").replace(/\W/g, "_");
}
