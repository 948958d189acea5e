// Marshal layer, builder: what may be said about everything in a contract: a comment, options of protobuf's own, and custom
// ones, which extensions of `google.protobuf.*Options` declare.
import type { Comments, Options, OptionValue } from "../../idl/descriptor.ts";
import type { Extension } from "../types.ts";

/** What may be said about everything. */
export interface Annotated {
  /** The comment before it in a `.proto`, and the JSDoc in code that is generated of that. Lines end in `\n`. */
  readonly doc?: string;
  /** More of protobuf's own options, as a `.proto` names them, `{ debug_redact: true }`, and custom ones, see `option`. */
  readonly options?: OptionsInit;
}

/** What may be said about everything but oneofs and ranges of extensions, which cannot be deprecated. */
export interface Said extends Annotated {
  /** Callers should stop using it; editors and documentation may say so. */
  readonly deprecated?: boolean;
}

/** Options: one record, one `option(...)`, or a list of both. */
export type OptionsInit = Options | OptionSetting | readonly (Options | OptionSetting)[];

/** A custom option that is set. */
export interface OptionSetting {
  readonly kind: "option";
  // biome-ignore lint/suspicious/noExplicitAny: extensions of all kinds of options
  readonly extension: Extension<any, any, any>;
  readonly value: unknown;
}

/**
 * Sets a custom option: `string(1, { options: option(owner, "Ada") })`, where `owner` extends `optionsOf.field` or was generated
 * of a `.proto`. What the option cannot hold, and options that stand where they do not belong, throw a `DefinitionError` when
 * the descriptor is made.
 */
// biome-ignore lint/suspicious/noExplicitAny: options of all kinds of things
export function option<Init>(extension: Extension<any, unknown, Init>, value: NoInfer<Init>): OptionSetting {
  return { kind: "option", extension, value };
}

/** Those of protobuf's own options that are names of values, not text. */
const namedOptions: ReadonlySet<string> = new Set([
  ...["optimize_for", "ctype", "jstype", "retention", "targets", "idempotency_level", "verification"],
  ...["edition", "edition_introduced", "edition_deprecated", "edition_removed"],
]);
/** Those that hold others. */
const holdingOptions: ReadonlySet<string> = new Set(["features", "feature_support", "edition_defaults"]);

function isSetting(one: Options | OptionSetting): one is OptionSetting {
  return one["kind"] === "option" && typeof (one as OptionSetting).extension === "object";
}

function listOf(init: OptionsInit | undefined): readonly (Options | OptionSetting)[] {
  if (init === undefined) return [];
  return Array.isArray(init) ? (init as readonly (Options | OptionSetting)[]) : [init as Options | OptionSetting];
}

/** The custom options among others. */
export function settingsIn(init: OptionsInit | undefined): readonly OptionSetting[] {
  return listOf(init).filter(isSetting);
}

/** The options of protobuf's own, as descriptors have them. */
export function recordOf({ deprecated, options }: Pick<Said, "deprecated" | "options">): Options {
  const records = listOf(options).filter((one): one is Options => !isSetting(one));
  return { ...(deprecated === true ? { deprecated: true } : {}), ...named(Object.assign({}, ...records)) };
}

/** A text where the name of a value is meant becomes one. */
function named(record: Options, all = false): Options {
  const entries = Object.entries(record).map(([name, value]): [string, OptionValue] => {
    if (all || namedOptions.has(name)) return [name, identifierOf(value)];
    return [name, holdingOptions.has(name) ? within(value, name === "features") : value];
  });
  return Object.fromEntries(entries);
}

function within(value: OptionValue, all: boolean): OptionValue {
  if (Array.isArray(value)) return (value as readonly OptionValue[]).map((one) => within(one, all));
  const isRecord = typeof value === "object" && !(value instanceof Uint8Array);
  return isRecord ? named(value as Options, all) : value;
}

function identifierOf(value: OptionValue): OptionValue {
  if (Array.isArray(value)) return (value as readonly OptionValue[]).map(identifierOf);
  return typeof value === "string" ? { identifier: value } : value;
}

/** A comment as descriptors have it: as it would be read of a `.proto`, without blanks around it. */
export function commentsOf({ doc }: { readonly doc?: string | undefined }): { readonly comments?: Comments } {
  const lines = (doc ?? "").split(/\r\n?|\n/).map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== "");
  if (first < 0) return {};
  const last = lines.findLastIndex((line) => line !== "");
  return { comments: { leading: lines.slice(first, last + 1).join("\n") } };
}
