// Marshal layer, descriptor sets: which field an entry of an `Options` record stands for: a standard option, an extension
// of any file of the set, or a field of the message that one of these holds.
import type {
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  FileDescriptor,
  MessageDescriptor,
  Options,
} from "../../idl/descriptor.ts";
import { linkFiles } from "../../idl/linker/link.ts";
import { mapEntryName } from "../../idl/names.ts";
import { getOption } from "../../idl/option-record.ts";
import { standardOptionsName, standardOptionsText } from "../../idl/standard-options.ts";

/** A field or extension that an option sets. */
export interface OptionField {
  /** Its key in the record of options: `deprecated`, `(dirs.owner)`. */
  readonly key: string;
  readonly number: number;
  readonly type: FieldType;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** A message between a start and an end tag. */
  readonly delimited: boolean;
  /** It is not written when it is zero. */
  readonly implicit: boolean;
  /** It is for the text alone (`retention = RETENTION_SOURCE`): descriptor sets leave it out, as protoc does. */
  readonly sourceOnly: boolean;
}

/** The fields of one message by key and by number. */
interface FieldTable {
  readonly byKey: ReadonlyMap<string, OptionField>;
  readonly byNumber: ReadonlyMap<number, OptionField>;
}

/** The options that the files of one set may use. */
export class OptionSchema {
  readonly #files: readonly FileDescriptor[];
  readonly #tables = new Map<MessageDescriptor, FieldTable>();
  #standard: ReadonlyMap<string, MessageDescriptor> | undefined;
  #declared: ReadonlyMap<string, MessageDescriptor> | undefined;
  #extensions: readonly ExtensionDescriptor[] | undefined;

  /** `files` must be all that count: what they import is not looked at. */
  constructor(files: readonly FileDescriptor[]) {
    this.#files = files;
  }

  /** The options that other files may use; what was found out of the standard ones stays known. */
  with(files: readonly FileDescriptor[]): OptionSchema {
    const other = new OptionSchema(files);
    other.#standard = this.#standard;
    return other;
  }

  /** The message `google.protobuf.<name>` of standard options. */
  standard(name: string): MessageDescriptor {
    this.#standard ??= linkStandardOptions();
    const found = this.#standard.get(name);
    if (found === undefined) throw new TypeError(`the standard options lack ${name}`);
    return found;
  }

  /** A message type of the files, for what an Any holds. */
  findMessage(fullName: string): MessageDescriptor | undefined {
    this.#declared ??= new Map(allMessages(this.#files).map((message) => [message.fullName, message]));
    return this.#declared.get(fullName);
  }

  byKey(message: MessageDescriptor, key: string): OptionField | undefined {
    return this.#tableOf(message).byKey.get(key);
  }

  byNumber(message: MessageDescriptor, number: number): OptionField | undefined {
    return this.#tableOf(message).byNumber.get(number);
  }

  #tableOf(message: MessageDescriptor): FieldTable {
    const known = this.#tables.get(message);
    if (known !== undefined) return known;
    this.#extensions ??= allExtensions(this.#files);
    const extensions = this.#extensions.filter(({ extendee }) => extendee.fullName === message.fullName);
    const fields = [...message.fields.map(ofField), ...extensions.map(ofExtension)];
    const table = {
      byKey: new Map(fields.map((field) => [field.key, field])),
      byNumber: new Map(fields.map((field) => [field.number, field])),
    };
    this.#tables.set(message, table);
    return table;
  }
}

function linkStandardOptions(): ReadonlyMap<string, MessageDescriptor> {
  const { files } = linkFiles([standardOptionsName], () => standardOptionsText);
  return new Map(files.flatMap(({ messages }) => messages.map((message) => [message.name, message])));
}

function allMessages(files: readonly FileDescriptor[]): MessageDescriptor[] {
  const within = (message: MessageDescriptor): MessageDescriptor[] => [message, ...message.messages.flatMap(within)];
  return files.flatMap(({ messages }) => messages.flatMap(within));
}

function allExtensions(files: readonly FileDescriptor[]): ExtensionDescriptor[] {
  return [...files, ...allMessages(files)].flatMap(({ extensions = [] }) => extensions);
}

function ofField(field: FieldDescriptor): OptionField {
  const { name, number, type, cardinality, presence, packed, delimited, message } = field;
  // Options see a map as the repeated message that it is on the wire.
  const entry =
    cardinality === "map" ? message.messages.find((one) => one.mapEntry && one.name === mapEntryName(name)) : undefined;
  return {
    key: name,
    number,
    type: entry === undefined ? type : { kind: "message", message: entry },
    repeated: cardinality !== "singular",
    packed,
    delimited,
    // Entries of maps always hold both their fields.
    implicit: cardinality === "singular" && presence === "implicit" && !message.mapEntry,
    sourceOnly: isSourceOnly(field.options),
  };
}

function ofExtension(extension: ExtensionDescriptor): OptionField {
  const { fullName, number, type, cardinality, packed, delimited } = extension;
  return {
    key: `(${fullName})`,
    number,
    type,
    repeated: cardinality === "repeated",
    packed,
    delimited,
    implicit: false,
    sourceOnly: isSourceOnly(extension.options),
  };
}

function isSourceOnly(options: Options): boolean {
  const retention = getOption(options, "retention") as { readonly identifier?: string } | undefined;
  return retention?.identifier === "RETENTION_SOURCE";
}
