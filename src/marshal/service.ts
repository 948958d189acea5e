// Marshal layer: services and their methods as values, the same for generated code and for the builder. They say what a
// call is - path, types, kind - and nothing of how it travels.
import type { MethodDescriptor, Options, ServiceDescriptor } from "../idl/descriptor.ts";
import type { CallKind, Idempotency, MessageType, Method, Service } from "./types.ts";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
type AnyMessageType = MessageType<any, any>;

/** What makes a method. */
export interface MethodParts<Kind extends CallKind, Input extends AnyMessageType, Output extends AnyMessageType> {
  readonly callKind: Kind;
  /** As written: `MakeDirectory`. */
  readonly name: string;
  /** Fully qualified: `dirs.Directories`. */
  readonly serviceName: string;
  readonly input: Input;
  readonly output: Output;
  readonly idempotency?: Idempotency;
  readonly defaultTimeoutMs?: number | undefined;
  /** A function gives what is known only when the contract is described. */
  readonly options?: Options | (() => Options);
  readonly describe?: () => MethodDescriptor | undefined;
}

class MethodOfParts<Kind extends CallKind, Input extends AnyMessageType, Output extends AnyMessageType>
  implements Method<Kind, Input, Output>
{
  readonly kind = "method";
  readonly callKind: Kind;
  readonly name: string;
  readonly serviceName: string;
  readonly path: string;
  readonly input: Input;
  readonly output: Output;
  readonly idempotency: Idempotency;
  readonly defaultTimeoutMs: number | undefined;
  readonly #options: Options | (() => Options);
  readonly #describe: (() => MethodDescriptor | undefined) | undefined;

  constructor(parts: MethodParts<Kind, Input, Output>) {
    this.callKind = parts.callKind;
    this.name = parts.name;
    this.serviceName = parts.serviceName;
    this.path = `/${parts.serviceName}/${parts.name}`;
    this.input = parts.input;
    this.output = parts.output;
    this.idempotency = parts.idempotency ?? "unknown";
    this.defaultTimeoutMs = parts.defaultTimeoutMs;
    this.#options = parts.options ?? {};
    this.#describe = parts.describe;
  }

  get options(): Options {
    return typeof this.#options === "function" ? (this.#options as () => Options)() : this.#options;
  }

  get descriptor(): MethodDescriptor | undefined {
    return this.#describe?.();
  }
}

class ServiceOfMethods<Methods extends { readonly [localName: string]: Method }> implements Service<Methods> {
  readonly kind = "service";
  readonly typeName: string;
  readonly methods: Methods;
  readonly #describe: (() => ServiceDescriptor) | undefined;
  #descriptor: ServiceDescriptor | undefined;

  constructor(typeName: string, methods: Methods, describe: (() => ServiceDescriptor) | undefined) {
    this.typeName = typeName;
    this.methods = methods;
    this.#describe = describe;
  }

  get descriptor(): ServiceDescriptor | undefined {
    this.#descriptor ??= this.#describe?.();
    return this.#descriptor;
  }
}

/** Makes a method; `describe` is called whenever its descriptor is asked for: it looks the method up in its service's. */
export function methodType<Kind extends CallKind, Input extends AnyMessageType, Output extends AnyMessageType>(
  parts: MethodParts<Kind, Input, Output>,
): Method<Kind, Input, Output> {
  return new MethodOfParts(parts);
}

/** Makes a service of methods by their TypeScript names. */
export function serviceType<Methods extends { readonly [localName: string]: Method }>(
  typeName: string,
  methods: Methods,
  describe?: () => ServiceDescriptor,
): Service<Methods> {
  return new ServiceOfMethods(typeName, methods, describe);
}
