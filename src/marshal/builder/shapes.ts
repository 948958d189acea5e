// Marshal layer, builder: the TypeScript types of a message, inferred from its fields. Each field costs one look-up, so that
// a large contract stays quick to check, and the result is flat, so that an editor shows it as one would write it.
import type { Field, Oneof } from "./fields.ts";

/** The fields of a message by their TypeScript names. */
export interface FieldRecord {
  readonly [localName: string]: Field | Oneof;
}

type Flat<Type> = { [Key in keyof Type]: Type[Key] } & {};
type ValueOf<One extends Field | Oneof> = NonNullable<One["types"]>["value"];
type InitOfField<One extends Field | Oneof> = NonNullable<One["types"]>["init"];

/** What you get: every field is there. */
export type MessageShape<Fields extends FieldRecord> = Flat<
  { -readonly [Name in keyof Fields]: ValueOf<Fields[Name]> } & { $unknown?: Uint8Array }
>;

/** What you may pass: every field may be left out. */
export type InitShape<Fields extends FieldRecord> = Flat<
  { readonly [Name in keyof Fields]?: InitOfField<Fields[Name]> | undefined } & {
    readonly $unknown?: Uint8Array | undefined;
  }
>;
