// Marshal layer, builder: services written in TypeScript: methods by their TypeScript names, with the types they take.
import type { Options } from "../../idl/descriptor.ts";
import {
  isDefaultTimeout,
  maxDefaultTimeoutMs,
  methodOptionName,
  serviceOptionName,
  timeoutField,
} from "../../idl/rpc-options.ts";
import { methodType, serviceType } from "../service.ts";
import type { CallKind, Idempotency, MessageType, Method, Service } from "../types.ts";
import { assertFullName, assertLocalName } from "./check.ts";
import { define, type ServiceDefinition } from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import { describeService } from "./describe.ts";
import { recordOf, type Said, settingsIn } from "./options.ts";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
type AnyMessageType = MessageType<any, any>;

/** What may be said about all methods of a service at once; a method's own word wins. */
export interface ServiceOptions extends Said {
  /** As `MethodOptions.idempotency`. */
  readonly idempotency?: Idempotency;
  /** As `MethodOptions.defaultTimeoutMs`; for streams too. */
  readonly defaultTimeoutMs?: number;
}

/** What may be said about a method besides its types. */
export interface MethodOptions extends Said {
  /** Its name on the wire. Default: the property's, first letter upper case: `makeDirectory` -> `MakeDirectory`. */
  readonly name?: string;
  /** Whether a call may be made again when its outcome is unknown. Default: the service's, else "unknown". */
  readonly idempotency?: Idempotency;
  /**
   * The deadline of calls for which nobody sets another, in whole milliseconds, 1 to 86,400,000 (a day). Default: the
   * service's, else none: the channel's holds.
   */
  readonly defaultTimeoutMs?: number;
}

/** A method before a service names it. */
export interface MethodSpec<
  Kind extends CallKind = CallKind,
  Input extends AnyMessageType = AnyMessageType,
  Output extends AnyMessageType = AnyMessageType,
> {
  readonly callKind: Kind;
  readonly input: Input;
  readonly output: Output;
  readonly options: MethodOptions;
}

/** One message in, one out. */
export function unary<Input extends AnyMessageType, Output extends AnyMessageType>(
  input: Input,
  output: Output,
  options: MethodOptions = {},
): MethodSpec<"unary", Input, Output> {
  return { callKind: "unary", input, output, options };
}

/** One message in, many out. */
export function serverStream<Input extends AnyMessageType, Output extends AnyMessageType>(
  input: Input,
  output: Output,
  options: MethodOptions = {},
): MethodSpec<"serverStream", Input, Output> {
  return { callKind: "serverStream", input, output, options };
}

/** Many messages in, one out. */
export function clientStream<Input extends AnyMessageType, Output extends AnyMessageType>(
  input: Input,
  output: Output,
  options: MethodOptions = {},
): MethodSpec<"clientStream", Input, Output> {
  return { callKind: "clientStream", input, output, options };
}

/** Many messages in and out, each side at its own pace. */
export function bidiStream<Input extends AnyMessageType, Output extends AnyMessageType>(
  input: Input,
  output: Output,
  options: MethodOptions = {},
): MethodSpec<"bidiStream", Input, Output> {
  return { callKind: "bidiStream", input, output, options };
}

/** The methods of a service, as `service` takes them. */
export interface MethodRecord {
  readonly [localName: string]: MethodSpec;
}

type MethodsOf<Specs extends MethodRecord> = {
  readonly [Name in keyof Specs]: Method<Specs[Name]["callKind"], Specs[Name]["input"], Specs[Name]["output"]>;
};

const idempotencyLevels = {
  unknown: "IDEMPOTENCY_UNKNOWN",
  "no-side-effects": "NO_SIDE_EFFECTS",
  idempotent: "IDEMPOTENT",
} as const;

/** A method's options as a `.proto` would give them. */
function methodOptions({ idempotency, defaultTimeoutMs, ...said }: MethodOptions): Options {
  return {
    ...recordOf(said),
    ...(idempotency === undefined ? {} : levelOption(idempotency)),
    ...(defaultTimeoutMs === undefined ? {} : { [methodOptionName]: { [timeoutField]: defaultTimeoutMs } }),
  };
}

/** A service's options likewise. */
function serviceOptions({ idempotency, defaultTimeoutMs, ...said }: ServiceOptions): Options {
  const shared = {
    ...(defaultTimeoutMs === undefined ? {} : { [timeoutField]: defaultTimeoutMs }),
    ...(idempotency === undefined ? {} : levelOption(idempotency)),
  };
  return {
    ...recordOf(said),
    ...(Object.keys(shared).length === 0 ? {} : { [serviceOptionName]: shared }),
  };
}

function levelOption(idempotency: Idempotency): Options {
  return { idempotency_level: { identifier: idempotencyLevels[idempotency] } };
}

function assertOptions({ idempotency, defaultTimeoutMs }: ServiceOptions, subject: string): void {
  if (idempotency !== undefined && !Object.hasOwn(idempotencyLevels, idempotency)) {
    const known = Object.keys(idempotencyLevels).join(", ");
    throw new DefinitionError("bad-option", subject, `idempotency is ${String(idempotency)}: expected ${known}`);
  }
  if (defaultTimeoutMs === undefined || isDefaultTimeout(defaultTimeoutMs)) return;
  const expected = `expected whole milliseconds from 1 to ${maxDefaultTimeoutMs} (a day), or nothing for no default`;
  throw new DefinitionError("bad-option", subject, `defaultTimeoutMs is ${String(defaultTimeoutMs)}: ${expected}`);
}

/**
 * Defines a service: `service("dirs.Directories", { makeDirectory: unary(MakeDirArgs, Empty) })`. Throws a
 * `DefinitionError`.
 */
export function service<const Specs extends MethodRecord>(
  fullName: string,
  specs: Specs,
  shared: ServiceOptions = {},
): Service<MethodsOf<Specs>> {
  assertFullName(fullName);
  assertOptions(shared, fullName);
  const names = new Set<string>();
  const methods: { [localName: string]: Method } = {};
  const specsByName: { [name: string]: ServiceDefinition["methods"][string] } = {};
  for (const [localName, spec] of Object.entries<MethodSpec>(specs)) {
    assertLocalName(localName, fullName);
    const { callKind, input, output, options } = spec;
    const name = options.name ?? localName.replace(/\$+$/, "").replace(/^./, (letter) => letter.toUpperCase());
    const subject = `${fullName}.${localName}`;
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new DefinitionError("bad-name", subject, `${name} is no method name`);
    if (names.has(name)) throw new DefinitionError("duplicate", subject, `another method is called ${name}`);
    names.add(name);
    assertOptions(options, subject);
    const record = methodOptions(options);
    const settings = settingsIn(options.options);
    specsByName[name] = { ...(options.doc === undefined ? {} : { doc: options.doc }), options: [record, ...settings] };
    methods[localName] = methodType({
      callKind,
      name,
      serviceName: fullName,
      input,
      output,
      idempotency: options.idempotency ?? shared.idempotency ?? "unknown",
      defaultTimeoutMs: options.defaultTimeoutMs ?? shared.defaultTimeoutMs,
      // Custom options have their form once their extensions are described.
      options: settings.length === 0 ? record : () => methods[localName]?.descriptor?.options ?? record,
      describe: () => {
        const found = made.descriptor?.methods.find((one) => one.name === name);
        if (found === undefined) throw new DefinitionError("bad-name", subject, "the method has no descriptor");
        return found;
      },
    });
  }
  const { doc, options } = shared;
  const said = { ...(doc === undefined ? {} : { doc }), options: [serviceOptions(shared), ...settingsIn(options)] };
  const made: Service<{ readonly [localName: string]: Method }> = define(
    serviceType(fullName, methods, () => describeService(made)),
    { kind: "service", home: {}, said, methods: specsByName },
  );
  return made as unknown as Service<MethodsOf<Specs>>;
}
