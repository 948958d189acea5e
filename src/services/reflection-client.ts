// Services: the other end of reflection: a channel asked for the contracts of its server. It asks in v1, and in v1alpha
// where a server knows no other. What comes is linked into descriptors, and trusted in nothing.
import type { FileDescriptor } from "../idl/descriptor.ts";
import { decodeFileHead, type FileHead, linkFileDescriptors } from "../marshal/descriptor-set/index.ts";
import { CallError } from "../rpc/call-error.ts";
import type { CallOptions, Channel } from "../rpc/channel.ts";
import type { BidiStream } from "../rpc/conversation.ts";
import { type StatusCode, statusCodeOf } from "../rpc/status.ts";
import {
  ServerReflection,
  type ServerReflectionRequestInit,
  type ServerReflectionResponse,
} from "./gen/grpc/reflection/v1/reflection.ts";
import { ServerReflection as ServerReflectionAlpha } from "./gen/grpc/reflection/v1alpha/reflection.ts";
import { serviceLimits } from "./limits.ts";

type Question = NonNullable<ServerReflectionRequestInit["messageRequest"]>;
type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;
type Stream = BidiStream<ServerReflectionRequestInit, ServerReflectionResponse>;

/** A question that the server could not answer; `code` is its reason, `NOT_FOUND` for what it does not know. */
export class ReflectionError extends Error {
  override readonly name = "ReflectionError";
  readonly code: StatusCode;

  constructor(code: StatusCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ReflectionClientOptions extends CallOptions {
  /** Files that a server may send, at most. Default 10,000. */
  readonly maxFiles?: number;
}

/**
 * Questions to one server, one after the other. Each rejects with a `CallError` when the call fails (UNIMPLEMENTED: the
 * server has no reflection), with a `ReflectionError` when the server answers that it cannot, and with a `MarshalError`
 * when what it sends is no valid contract.
 */
export class ReflectionClient {
  readonly #channel: Channel;
  readonly #options: CallOptions;
  readonly #maxFiles: number;
  /** File bytes by path: what a server has sent it need not send again. */
  readonly #files = new Map<string, FileHead & { readonly bytes: Uint8Array }>();
  /** Types that were asked for because no file declares them. */
  readonly #lacking = new Set<string>();
  #stream: Stream | undefined = undefined;
  #replies: AsyncIterator<ServerReflectionResponse> | undefined = undefined;
  #version: "v1" | "v1alpha" = "v1";

  /** `options` hold for the one call that all questions share: its deadline is that of all of them. */
  constructor(channel: Channel, options: ReflectionClientOptions = {}) {
    const { maxFiles = serviceLimits.maxFiles, ...callOptions } = options;
    this.#channel = channel;
    this.#options = callOptions;
    this.#maxFiles = maxFiles;
  }

  /** The full names of all services, sorted. */
  async listServices(): Promise<string[]> {
    const answer = await this.#ask({ kind: "listServices", value: "*" });
    if (answer.kind !== "listServicesResponse") throw wrongAnswer("the list of services", answer);
    return answer.value.service.map(({ name }) => name).sort();
  }

  /** The file that declares a full name (a service, a method, a message, an enum), linked with all that it imports. */
  async fileContaining(fullName: string): Promise<FileDescriptor> {
    const names = await this.#receive({ kind: "fileContainingSymbol", value: fullName }, fullName);
    const [first] = names;
    if (first === undefined) throw new ReflectionError("INTERNAL", `the server sent no file for ${fullName}`);
    await this.#receiveImports(names);
    await this.#receiveLackingTypes();
    const files = [...this.#files.values()].map(({ bytes }) => bytes);
    const linked = linkFileDescriptors(files, { addImports: true });
    // The file asked for comes first by custom, not by contract.
    const wanted = linked.find((file) => declares(file, fullName)) ?? linked.find(({ name }) => name === first);
    return wanted as FileDescriptor;
  }

  /** Ends the call. */
  close(): void {
    this.#stream?.end();
    this.#stream?.cancel("no more questions");
    this.#stream = undefined;
  }

  /** Asks for every import that did not come along. */
  async #receiveImports(paths: readonly string[]): Promise<void> {
    const pending = [...paths];
    const seen = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      if (!this.#files.has(path)) await this.#receive({ kind: "fileByFilename", value: path }, path);
      pending.push(...(this.#files.get(path)?.dependencies ?? []));
    }
  }

  /**
   * Asks for types that files use and do not import, as grpc-js's reflection has it. What there is not, the linker
   * tells.
   */
  async #receiveLackingTypes(): Promise<void> {
    for (let asks = true; asks; ) {
      asks = false;
      const heads = [...this.#files.values()];
      const known = new Set(heads.flatMap(({ declares }) => declares));
      for (const names of heads.flatMap(({ uses }) => uses)) {
        const name = names.at(-1) as string;
        if (this.#lacking.has(name) || names.some((one) => known.has(one))) continue;
        if (this.#lacking.size >= this.#maxFiles) return;
        this.#lacking.add(name);
        asks = true;
        try {
          await this.#receiveImports(await this.#receive({ kind: "fileContainingSymbol", value: name }, name));
        } catch (error) {
          if (!(error instanceof ReflectionError) || error.code === "RESOURCE_EXHAUSTED") throw error;
        }
      }
    }
  }

  /** Asks for files and keeps them. Returns the paths of those that came. */
  async #receive(question: Question, what: string): Promise<string[]> {
    const answer = await this.#ask(question);
    if (answer.kind !== "fileDescriptorResponse") throw wrongAnswer(what, answer);
    return answer.value.fileDescriptorProto.map((bytes) => {
      const head = decodeFileHead(bytes);
      const { name } = head;
      if (!this.#files.has(name)) this.#files.set(name, { ...head, bytes });
      if (this.#files.size > this.#maxFiles) {
        throw new ReflectionError("RESOURCE_EXHAUSTED", `the server sent more than ${this.#maxFiles} files`);
      }
      return name;
    });
  }

  async #ask(question: Question): Promise<Answer> {
    const asked = this.#stream !== undefined;
    try {
      return await this.#askOnce(question);
    } catch (error) {
      const isUnknown = error instanceof CallError && error.code === "UNIMPLEMENTED";
      if (!isUnknown || asked || this.#version === "v1alpha") throw error;
      this.#version = "v1alpha";
      this.#stream = undefined;
      return this.#askOnce(question);
    }
  }

  async #askOnce(question: Question): Promise<Answer> {
    if (this.#stream === undefined || this.#replies === undefined) {
      const { serverReflectionInfo } = (this.#version === "v1" ? ServerReflection : ServerReflectionAlpha).methods;
      this.#stream = this.#channel.call(serverReflectionInfo, undefined, this.#options) as Stream;
      this.#replies = this.#stream[Symbol.asyncIterator]();
    }
    // A failure of the call shows in its replies as well.
    this.#stream.send({ messageRequest: question }).catch(() => {});
    const { done, value } = await this.#replies.next();
    if (done === true) throw new ReflectionError("INTERNAL", "the server ended the call without an answer");
    if (value.messageResponse === undefined) throw new ReflectionError("INTERNAL", "the server sent an empty answer");
    return value.messageResponse;
  }
}

function wrongAnswer(what: string, answer: Answer): ReflectionError {
  if (answer.kind !== "errorResponse") {
    return new ReflectionError("INTERNAL", `asked for ${what}, the server answered with ${answer.kind}`);
  }
  const { errorCode, errorMessage } = answer.value;
  return new ReflectionError(statusCodeOf(errorCode), errorMessage === "" ? `${what} was not found` : errorMessage);
}

function declares(file: FileDescriptor, fullName: string): boolean {
  const tops = [...file.messages, ...file.enums, ...file.services, ...(file.extensions ?? [])];
  return tops.some((one) => fullName === one.fullName || fullName.startsWith(`${one.fullName}.`));
}
