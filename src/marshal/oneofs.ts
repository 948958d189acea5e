// Marshal layer: oneofs, `{ kind, value }` in TypeScript: the checks that encoders make before they look at the kind.
import { MarshalError, wrongType } from "./errors.ts";
import type { Wire } from "./wire.ts";

/** False for an absent oneof; refuses what is no `{ kind, value }` at all. */
export function isOneof<Value extends { readonly kind: string }>(
  value: Value | undefined,
  name: string,
): value is Value {
  if (value === undefined) return false;
  if (typeof value !== "object" || value === null) throw wrongType("{ kind, value }", value, name);
  return true;
}

/** The error for a oneof whose kind names none of its fields. */
export function unknownKind(value: unknown, name: string): MarshalError {
  const kind = (value as { readonly kind?: unknown }).kind;
  if (typeof kind !== "string") return wrongType("the name of a field", kind, `${name}.kind`);
  return new MarshalError("unknown-kind", `the oneof has no field ${JSON.stringify(kind)}`, { path: `${name}.kind` });
}

/** A oneof of whole values out of an accepted form. `wires` are those of its fields; an unknown kind stays as it is. */
export function createOneof<Value>(
  init: { readonly kind: string; readonly value: unknown } | undefined,
  wires: { readonly [kind: string]: Wire<unknown, never> },
): Value | undefined {
  if (init === null || !isOneof(init, "")) return undefined;
  const { kind, value } = init;
  const wire = Object.hasOwn(wires, kind) ? wires[kind] : undefined;
  return { kind, value: wire === undefined ? value : wire.create(value as never) } as Value;
}
