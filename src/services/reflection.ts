// Services: grpc.reflection, by which a client learns contracts from the server itself, in both versions that clients ask
// for. The contract is third_party/grpc/grpc/reflection/v1/reflection.proto; v1alpha says the same under another name.
import type { FileDescriptor } from "../idl/descriptor.ts";
import { type Implementation, implement } from "../rpc/implement.ts";
import type { ServerCall } from "../rpc/server-call.ts";
import type { ServerView } from "../rpc/server-view.ts";
import { type StatusCode, statusNumberOf } from "../rpc/status.ts";
import { FileIndex } from "./file-index.ts";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponseInit,
} from "./gen/grpc/reflection/v1/reflection.ts";
import { ServerReflection as ServerReflectionAlpha } from "./gen/grpc/reflection/v1alpha/reflection.ts";

export interface ReflectionOptions {
  /** Files to tell of besides those of the served services, such as extensions and what an `Any` may hold. */
  readonly files?: readonly FileDescriptor[];
}

/**
 * Serves reflection: `serve(address, [..., reflection()])`. It tells of all services of its server, itself among them, with
 * every file that they need. Whoever reaches the server can read them: list it where that is meant.
 */
export function reflection(options: ReflectionOptions = {}): readonly Implementation[] {
  const handlers = { serverReflectionInfo: createHandler(options.files ?? []) };
  const administrative = { administrative: true };
  return [
    implement(ServerReflection, handlers, administrative),
    implement(ServerReflectionAlpha, handlers, administrative),
  ];
}

type Requests = AsyncIterableIterator<ServerReflectionRequest>;
type Answer = NonNullable<ServerReflectionResponseInit["messageResponse"]>;

function createHandler(files: readonly FileDescriptor[]) {
  // Made when a server is first asked: most never are.
  const indexes = new WeakMap<ServerView, FileIndex>();
  const indexOf = (server: ServerView): FileIndex => {
    const known = indexes.get(server);
    if (known !== undefined) return known;
    const served = server.services.flatMap(({ descriptor }) => (descriptor === undefined ? [] : [descriptor.file]));
    const index = new FileIndex([...served, ...files]);
    indexes.set(server, index);
    return index;
  };
  return async function* serverReflectionInfo(
    requests: Requests,
    { server }: ServerCall,
  ): AsyncGenerator<ServerReflectionResponseInit> {
    const conversation = new Conversation(server, indexOf(server));
    // Clients leave this stream open, and a drain is not to wait for them.
    const forget = server.onDrain(() => void requests.return?.());
    try {
      for await (const request of requests) {
        const messageResponse = conversation.answer(request.messageRequest);
        yield { validHost: request.host, originalRequest: request, messageResponse };
      }
    } finally {
      forget();
    }
  };
}

/** One stream of questions: what was sent in it is not sent again, as the contract permits. */
class Conversation {
  readonly #server: ServerView;
  readonly #index: FileIndex;
  readonly #sent = new Set<FileDescriptor>();

  constructor(server: ServerView, index: FileIndex) {
    this.#server = server;
    this.#index = index;
  }

  answer(question: ServerReflectionRequest["messageRequest"]): Answer {
    switch (question?.kind) {
      case "listServices":
        return { kind: "listServicesResponse", value: { service: this.#serviceNames().map((name) => ({ name })) } };
      case "fileByFilename":
        return this.#file(this.#index.file(question.value), `the file ${question.value}`);
      case "fileContainingSymbol":
        return this.#file(this.#index.declaring(question.value), `the name ${question.value}`);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = question.value;
        const file = this.#index.extending(containingType, extensionNumber);
        return this.#file(file, `an extension ${extensionNumber} of ${containingType}`);
      }
      case "allExtensionNumbersOfType": {
        const baseTypeName = question.value;
        const numbers = this.#index.extensionNumbers(baseTypeName);
        if (numbers === undefined) return failure("NOT_FOUND", `the message ${baseTypeName} is not known here`);
        return { kind: "allExtensionNumbersResponse", value: { baseTypeName, extensionNumber: [...numbers] } };
      }
      default:
        return failure("INVALID_ARGUMENT", "the request asks for nothing that is known here");
    }
  }

  #serviceNames(): string[] {
    return this.#server.services.map(({ typeName }) => typeName).sort();
  }

  #file(file: FileDescriptor | undefined, what: string): Answer {
    if (file === undefined) return failure("NOT_FOUND", `${what} is not known here`);
    // What was asked for is sent in any case.
    const files = this.#index.withDependencies(file).filter((one) => one === file || !this.#sent.has(one));
    try {
      const encoded = files.map((one) => this.#index.encode(one));
      for (const one of files) this.#sent.add(one);
      return { kind: "fileDescriptorResponse", value: { fileDescriptorProto: encoded } };
    } catch (error) {
      return failure("INTERNAL", `${what} cannot be described: ${error instanceof Error ? error.message : "?"}`);
    }
  }
}

function failure(code: StatusCode, errorMessage: string): Answer {
  return { kind: "errorResponse", value: { errorCode: statusNumberOf(code), errorMessage } };
}
