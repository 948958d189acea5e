// IDL layer, generator: services, and each of their methods on its own, so that a bundler keeps only those that are used.
import type { MethodDescriptor, ServiceDescriptor } from "../descriptor.ts";
import { callDefaultsOf } from "../rpc-options.ts";
import { formatComments } from "./comments.ts";
import { formatLiteral, type LiteralRecord } from "./literal.ts";
import type { ModuleText } from "./module-text.ts";

/** Writes the methods of a service and the service. */
export function emitService(service: ServiceDescriptor, module: ModuleText): void {
  for (const method of service.methods) emitMethod(method, module);
  const name = module.serviceName(service);
  const members = service.methods.map((method) => ({ key: method.localName, name: module.methodName(method) }));
  const types = members.map((one) => `  readonly ${one.key}: typeof ${one.name};\n`);
  const values = members.map((one) => `    ${one.key}: ${one.name},\n`);
  const typeText = types.length === 0 ? "Record<never, never>" : `{\n${types.join("")}}`;
  const valueText = values.length === 0 ? "{}" : `{\n${values.join("")}  }`;
  module.add(
    `${formatComments(service.comments, service.options)}export const ${name}: ${module.runtimeType("Service")}<${typeText}> = ` +
      `/* @__PURE__ */ ${module.runtime("generatedService")}(\n  ${JSON.stringify(service.fullName)},\n  ${valueText},\n` +
      `  ${module.names.file},\n);`,
  );
}

function emitMethod(method: MethodDescriptor, module: ModuleText): void {
  const kind = JSON.stringify(callKindOf(method));
  const input = module.nameOf(method.input);
  const output = module.nameOf(method.output);
  const { idempotency, defaultTimeoutMs } = callDefaultsOf(method.options, method.service.options);
  const options =
    Object.keys(method.options).length === 0
      ? ""
      : `  options: ${formatLiteral(method.options as LiteralRecord, 2)},\n`;
  module.add(
    `${formatComments(method.comments, method.options)}export const ${module.methodName(method)}: ` +
      `${module.runtimeType("Method")}<${kind}, typeof ${input}, typeof ${output}> = ` +
      `/* @__PURE__ */ ${module.runtime("generatedMethod")}({\n  callKind: ${kind},\n` +
      `  name: ${JSON.stringify(method.name)},\n  serviceName: ${JSON.stringify(method.service.fullName)},\n` +
      `  input: ${input},\n  output: ${output},\n` +
      (idempotency === "unknown" ? "" : `  idempotency: ${JSON.stringify(idempotency)},\n`) +
      (defaultTimeoutMs === undefined ? "" : `  defaultTimeoutMs: ${defaultTimeoutMs},\n`) +
      `${options}}, ${module.names.parts});`,
  );
}

function callKindOf(method: MethodDescriptor): string {
  if (method.clientStreaming) return method.serverStreaming ? "bidiStream" : "clientStream";
  return method.serverStreaming ? "serverStream" : "unary";
}
