// The command line: where `call` and `list` learn what a server's messages look like: from its reflection, or from
// `.proto` files on the disk.
import type {
  EnumDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from "../idl/descriptor.ts";
import { linkFiles } from "../idl/linker/link.ts";
import { TypeRegistry } from "../marshal/registry.ts";
import { CallError } from "../rpc/call-error.ts";
import { ReflectionClient, ReflectionError } from "../services/reflection-client.ts";
import { CommandError, suggest } from "./command.ts";
import { formatProblem } from "./format-problem.ts";
import { ProtoFolders } from "./proto-folders.ts";
import type { Remote } from "./remote.ts";
import type { Output } from "./terminal.ts";

/** What can be asked for by its full name. */
export type Declaration = ServiceDescriptor | MessageDescriptor | EnumDescriptor;

export interface Contracts {
  /** Types of what was found so far, also for what an `Any` holds. */
  readonly types: TypeRegistry;
  /** Full names of all services. */
  listServices(): Promise<readonly string[]>;
  /** What a full name stands for; undefined when it stands for nothing. */
  find(fullName: string): Promise<Declaration | undefined>;
  /** Ends the conversation with the server, which has a deadline; a later question begins another. */
  close(): void;
}

/** The service of a full name. Throws a `CommandError` that names those there are. */
export async function findService(contracts: Contracts, fullName: string): Promise<ServiceDescriptor> {
  const found = await contracts.find(fullName);
  if (found?.kind === "service") return found;
  const names = await contracts.listServices();
  const known = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
  const [sameLastName] = names.filter((name) => name.toLowerCase().endsWith(`.${fullName.toLowerCase()}`));
  const near = sameLastName === undefined ? suggest(fullName, names) : `; did you mean ${sameLastName}?`;
  throw new CommandError(`there is no service ${fullName}${near} (${known})`);
}

/** The method of a service by its name as written. Throws a `CommandError` that names those there are. */
export function findMethod(service: ServiceDescriptor, name: string): MethodDescriptor {
  const found = service.methods.find((method) => method.name === name);
  if (found !== undefined) return found;
  const names = service.methods.map((method) => method.name);
  const known = `it has ${names.join(", ") || "none"}`;
  throw new CommandError(`the service ${service.fullName} has no method ${name}${suggest(name, names)} (${known})`);
}

/** Contracts as the server tells them; `withoutReflection` is what to do where it does not. */
export function reflectedContracts(
  { address, channel, metadata, timeoutMs = 10_000 }: Remote,
  withoutReflection: string,
): Contracts {
  const types = new TypeRegistry();
  let open: ReflectionClient | undefined;
  const client = (): ReflectionClient => {
    open ??= new ReflectionClient(channel, { metadata, timeoutMs });
    return open;
  };
  const explain = (error: unknown): unknown => {
    if (error instanceof CallError && error.code === "UNIMPLEMENTED") {
      return new CommandError(`${address} has no reflection: ${withoutReflection}`);
    }
    if (error instanceof ReflectionError)
      return new CommandError(`the reflection of ${address} failed: ${error.message}`);
    return error;
  };
  return {
    types,
    async listServices() {
      try {
        return await client().listServices();
      } catch (error) {
        throw explain(error);
      }
    },
    async find(fullName) {
      try {
        const file = await client().fileContaining(fullName);
        types.addFiles([file]);
        return findIn([file], fullName);
      } catch (error) {
        if (error instanceof ReflectionError && error.code === "NOT_FOUND") return undefined;
        throw explain(error);
      }
    },
    close() {
      open?.close();
      open = undefined;
    },
  };
}

/** Contracts of `.proto` files. Throws a `CommandError` with all that is wrong with them. */
export function fileContracts(files: readonly string[], protoPath: readonly string[], err: Output): Contracts {
  const folders = new ProtoFolders(protoPath).with(files);
  const roots = [...new Set(files.map((file) => folders.importPath(file)))];
  const { allFiles, errors } = linkFiles(roots, (path) => folders.read(path));
  if (errors.length > 0) throw new CommandError(errors.map((error) => formatProblem(error, folders, err)).join("\n"));
  return {
    types: new TypeRegistry().addFiles(allFiles),
    async listServices() {
      return allFiles.flatMap(({ services }) => services.map(({ fullName }) => fullName)).sort();
    },
    async find(fullName) {
      return findIn(allFiles, fullName);
    },
    close() {},
  };
}

function findIn(files: readonly FileDescriptor[], fullName: string): Declaration | undefined {
  const scopes: (FileDescriptor | MessageDescriptor)[] = [...files];
  for (const scope of scopes) {
    const services = scope.kind === "file" ? scope.services : [];
    const found = [...services, ...scope.messages, ...scope.enums].find((one) => one.fullName === fullName);
    if (found !== undefined) return found;
    scopes.push(...scope.messages);
  }
  return undefined;
}
