// IDL layer, generator: the function that makes a whole message out of what is accepted for one.
import type { FieldDescriptor, MessageDescriptor } from "../descriptor.ts";
import { zeroOf } from "./emit-decode.ts";
import { fieldWireName, hasForm, wireOf } from "./emit-encode.ts";
import type { ModuleText } from "./module-text.ts";
import { formOf, type Property, propertiesOf } from "./properties.ts";

/** Writes `createX`. */
export function emitCreate(message: MessageDescriptor, module: ModuleText): void {
  const { create, init, type } = module.own(message);
  const properties = propertiesOf(message).map((one) => `    ${one.localName}: ${createValue(one, module)},\n`);
  const literal = properties.length === 0 ? "{}" : `{\n${properties.join("")}  }`;
  module.add(
    `function ${create}(init: ${init}): ${type} {\n  const message: ${type} = ${literal};\n` +
      `  if (init.$unknown !== undefined) message.$unknown = init.$unknown;\n  return message;\n}`,
  );
}

function createValue(property: Property, module: ModuleText): string {
  const init = `init.${property.localName}`;
  if (property.kind === "oneof") {
    const wires = property.fields.map((field) => `${field.localName}: ${wireOf(field, module)}`);
    return `${module.runtime("createOneof")}(${init}, { ${wires.join(", ")} })`;
  }
  if (property.cardinality === "map") {
    return `${module.runtime("createMap")}(${init}, ${fieldWireName(property, module)})`;
  }
  if (property.cardinality === "repeated")
    return `${module.runtime("createList")}(${init}, ${wireOf(property, module)})`;
  return createSingular(property, init, module);
}

function createSingular(field: FieldDescriptor, init: string, module: ModuleText): string {
  const converted = field.type.kind !== "scalar" || formOf(field.type) === "bigint";
  const zero = zeroOf(field, module);
  if (!converted) return field.presence === "explicit" ? `${init} ?? undefined` : `${init} ?? ${zero}`;
  const create =
    field.type.kind === "scalar" && !hasForm(field, module)
      ? module.runtime("toBigInt")
      : `${wireOf(field, module)}.create`;
  if (field.presence === "explicit") return `${module.runtime("createOptional")}(${init}, ${create})`;
  return `${create}(${init} ?? ${zero})`;
}
