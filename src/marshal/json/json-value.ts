// Marshal layer, ProtoJSON: JSON as TypeScript values, and the few things that are done with them everywhere.

/** What JSON can say, as `JSON.parse` gives it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Sets a property in an object that is being made; `__proto__` is a name like any other. */
export function setProperty(object: object, name: string, value: unknown): void {
  if (name !== "__proto__") (object as { [name: string]: unknown })[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
