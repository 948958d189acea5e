// Well-known layer: google.protobuf.FieldMask: names of fields, with dots into messages. A path names all that is within.
// What a path may name follows from a type; lists and maps are named whole.
import type { FieldDescriptor, MessageDescriptor } from "../idl/descriptor.ts";
import { unsetValueOf } from "../marshal/defaults.ts";
import { MarshalError } from "../marshal/errors.ts";
import type { MessageType } from "../marshal/types.ts";
import type { FieldMask } from "../services/gen/google/protobuf/field_mask.ts";

/** What is accepted as a FieldMask, of whichever module. */
export interface FieldMaskInit {
  readonly paths?: readonly string[] | undefined;
}

/** What a mask names: a field and, when not all of it, what within. */
interface Tree extends Map<string, Tree | undefined> {}
type Open = { [localName: string]: unknown };
interface Chosen {
  readonly kind: string;
  readonly value: unknown;
}

/**
 * A mask for messages of `type`. Fields may be named as in the `.proto` (`display_name`) or in TypeScript (`displayName`); the
 * mask has the first. Throws a `MarshalError`, `unknown-field`, for a path that the type lacks.
 */
export function fieldMaskOf<Message, Init>(type: MessageType<Message, Init>, paths: readonly string[]): FieldMask {
  return {
    paths: paths.map((path) =>
      fieldsAt(type.descriptor, path)
        .map(({ name }) => name)
        .join("."),
    ),
  };
}

/** The fields that a path leads through. */
function fieldsAt(descriptor: MessageDescriptor, path: string): FieldDescriptor[] {
  const fields: FieldDescriptor[] = [];
  let inside: MessageDescriptor | undefined = descriptor;
  for (const name of path.split(".")) {
    const field: FieldDescriptor | undefined = inside?.fields.find(
      (one) => one.name === name || one.localName === name,
    );
    if (field === undefined) {
      const why = inside === undefined ? "which holds no single message" : `${inside.fullName} has no such field`;
      const at = inside === undefined ? `${name} lies within ${fields.at(-1)?.name}, ${why}` : `${name}: ${why}`;
      throw new MarshalError("unknown-field", at, { path });
    }
    fields.push(field);
    inside = field.cardinality === "singular" && field.type.kind === "message" ? field.type.message : undefined;
  }
  return fields;
}

/** The paths that both masks name: `a.b` where one names `a` and the other `a.b`. Sorted, none within another. */
export function intersectFieldMasks(one: FieldMaskInit, other: FieldMaskInit): FieldMask {
  return { paths: formatTree(intersect(plainTree(one), plainTree(other))) };
}

/** The paths that either mask names. Sorted, none within another. */
export function unionFieldMasks(one: FieldMaskInit, other: FieldMaskInit): FieldMask {
  return { paths: formatTree(plainTree({ paths: [...(one.paths ?? []), ...(other.paths ?? [])] })) };
}

/**
 * A message with what the mask names of `value`, and nothing else: what a reader asked for. An empty mask stands for all.
 * Nothing is shared with `value`. Throws a `MarshalError` for a path that the type lacks.
 */
export function applyFieldMask<Message, Init>(
  type: MessageType<Message, Init>,
  mask: FieldMaskInit,
  value: Init,
): Message {
  const message = type.clone(value);
  const tree = treeFor(type.descriptor, mask);
  if (tree.size > 0) keepOnly(type.descriptor, tree, message as Open);
  return message;
}

/**
 * Sets what the mask names in `target`, a whole message, to what `source` has there, which may be nothing: what a writer asked
 * for. Lists and maps are replaced. An empty mask changes nothing. Throws a `MarshalError` for a path that the type lacks.
 */
export function updateByFieldMask<Message, Init>(
  type: MessageType<Message, Init>,
  mask: FieldMaskInit,
  { target, source }: { readonly target: Message; readonly source: Init },
): Message {
  update(type.descriptor, treeFor(type.descriptor, mask), target as Open, type.clone(source) as Open);
  return target;
}

function addPath(tree: Tree, names: readonly string[]): void {
  const [first, ...rest] = names;
  if (first === undefined || (tree.has(first) && tree.get(first) === undefined)) return;
  if (rest.length === 0) {
    tree.set(first, undefined);
    return;
  }
  const inner: Tree = tree.get(first) ?? new Map();
  tree.set(first, inner);
  addPath(inner, rest);
}

function plainTree({ paths = [] }: FieldMaskInit): Tree {
  const tree: Tree = new Map();
  for (const path of paths) addPath(tree, path.split("."));
  return tree;
}

/** The same by local names, checked against the type. */
function treeFor(descriptor: MessageDescriptor, { paths = [] }: FieldMaskInit): Tree {
  const tree: Tree = new Map();
  for (const path of paths) {
    addPath(
      tree,
      fieldsAt(descriptor, path).map(({ localName }) => localName),
    );
  }
  return tree;
}

function intersect(one: Tree, other: Tree): Tree {
  const both: Tree = new Map();
  for (const [name, inner] of one) {
    if (!other.has(name)) continue;
    const otherInner = other.get(name);
    if (inner === undefined || otherInner === undefined) both.set(name, inner ?? otherInner);
    else {
      const within = intersect(inner, otherInner);
      if (within.size > 0) both.set(name, within);
    }
  }
  return both;
}

function formatTree(tree: Tree): string[] {
  const paths = [...tree].flatMap(([name, inner]) =>
    inner === undefined ? [name] : formatTree(inner).map((path) => `${name}.${path}`),
  );
  return paths.sort();
}

/** A field's value in a whole message, also when it is one of a oneof. */
function valueAt({ localName, oneof }: FieldDescriptor, message: Open): unknown {
  if (oneof === undefined) return message[localName];
  const chosen = message[oneof.localName] as Chosen | undefined;
  return chosen?.kind === localName ? chosen.value : undefined;
}

function setValue(field: FieldDescriptor, message: Open, value: unknown): void {
  const { localName, oneof } = field;
  if (oneof === undefined) message[localName] = value === undefined ? unsetValueOf(field) : value;
  else if (value !== undefined) message[oneof.localName] = { kind: localName, value };
  else if (valueAt(field, message) !== undefined) message[oneof.localName] = undefined;
}

function keepOnly(descriptor: MessageDescriptor, tree: Tree, message: Open): void {
  for (const field of descriptor.fields) {
    const inner = tree.get(field.localName);
    const value = valueAt(field, message);
    if (!tree.has(field.localName)) setValue(field, message, undefined);
    else if (inner !== undefined && value !== undefined && field.type.kind === "message") {
      keepOnly(field.type.message, inner, value as Open);
    }
  }
  delete message["$unknown"];
}

function update(descriptor: MessageDescriptor, tree: Tree, target: Open, source: Open): void {
  for (const field of descriptor.fields) {
    if (!tree.has(field.localName)) continue;
    const inner = tree.get(field.localName);
    const value = valueAt(field, source);
    const before = valueAt(field, target);
    if (inner === undefined || field.type.kind !== "message" || (before === undefined && value === undefined)) {
      setValue(field, target, value);
    } else if (before === undefined) {
      keepOnly(field.type.message, inner, value as Open);
      setValue(field, target, value);
    } else update(field.type.message, inner, before as Open, (value ?? {}) as Open);
  }
}
