// Well-known layer: the wrappers, messages of one field `value`, which old contracts use where `optional` would do now.

/** The message around a value, for a field of `StringValue`, `Int32Value` and so on; undefined stays undefined. */
export function wrap<Value>(value: Value): { value: NonNullable<Value> } | Extract<Value, undefined> {
  const missing = value === undefined || value === null;
  return (missing ? undefined : { value }) as { value: NonNullable<Value> } | Extract<Value, undefined>;
}

/** The value within; undefined when the message is. */
export function unwrap<Value>(message: { readonly value: Value } | undefined): Value | undefined {
  return message?.value;
}
