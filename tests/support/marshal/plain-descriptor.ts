// Descriptors as trees, to be compared: what refers to a descriptor elsewhere holds its name.

const owned = new Set(["messages", "enums", "services", "extensions", "fields", "oneofs", "methods", "values"]);

interface Descriptor {
  readonly kind: string;
  readonly name: string;
  readonly fullName?: string;
}

function isDescriptor(value: object): value is Descriptor {
  return "kind" in value && "name" in value;
}

/** A copy of a descriptor without the properties `leaveOut`. */
export function plainDescriptor(descriptor: unknown, leaveOut: readonly string[] = ["comments"]): unknown {
  const copy = (value: unknown, isOwned: boolean): unknown => {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map((item) => copy(item, isOwned));
    if (isDescriptor(value) && !isOwned) return `${value.kind} ${value.fullName ?? value.name}`;
    const ofOneof = isDescriptor(value) && value.kind === "oneof";
    const kept = Object.entries(value).filter(([name]) => !leaveOut.includes(name));
    return Object.fromEntries(kept.map(([name, inner]) => [name, copy(inner, owned.has(name) && !ofOneof)]));
  };
  return copy(descriptor, true);
}
