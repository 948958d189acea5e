// Test support: grpc.reflection as a foreign client writes it: its messages are defined here anew, and what comes is read by
// protobuf-es.

import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type Channel, type Implementation, implement } from "farcall";
import { bidiStream, bytes, field, int32, message, oneof, repeated, service, string } from "farcall/idl";
import type { InitOf, MessageOf } from "farcall/marshal";

/** The service in one of its versions, as anybody would write it from its .proto. */
export function defineReflection(version: "v1" | "v1alpha") {
  const named = (name: string) => `grpc.reflection.${version}.${name}`;
  const ExtensionRequest = message(named("ExtensionRequest"), { containingType: string(1), extensionNumber: int32(2) });
  const Request = message(named("ServerReflectionRequest"), {
    host: string(1),
    messageRequest: oneof({
      fileByFilename: string(3),
      fileContainingSymbol: string(4),
      fileContainingExtension: field(ExtensionRequest, 5),
      allExtensionNumbersOfType: string(6),
      listServices: string(7),
    }),
  });
  const Files = message(named("FileDescriptorResponse"), { fileDescriptorProto: repeated(bytes(1)) });
  const Numbers = message(named("ExtensionNumberResponse"), {
    baseTypeName: string(1),
    extensionNumber: repeated(int32(2)),
  });
  const Name = message(named("ServiceResponse"), { name: string(1) });
  const Names = message(named("ListServiceResponse"), { service: repeated(field(Name, 1)) });
  const Failure = message(named("ErrorResponse"), { errorCode: int32(1), errorMessage: string(2) });
  const Response = message(named("ServerReflectionResponse"), {
    validHost: string(1),
    originalRequest: field(Request, 2),
    messageResponse: oneof({
      fileDescriptorResponse: field(Files, 4),
      allExtensionNumbersResponse: field(Numbers, 5),
      listServicesResponse: field(Names, 6),
      errorResponse: field(Failure, 7),
    }),
  });
  const ServerReflection = service(named("ServerReflection"), { serverReflectionInfo: bidiStream(Request, Response) });
  return { Request, Response, ServerReflection };
}

type Definition = ReturnType<typeof defineReflection>;
export type Question = NonNullable<InitOf<Definition["Request"]>["messageRequest"]>;
export type Answer = NonNullable<MessageOf<Definition["Response"]>["messageResponse"]>;

/** Asks one question after the other on one stream; `end` ends it. */
export function askReflection(channel: Channel, version: "v1" | "v1alpha" = "v1") {
  const stream = channel.stub(defineReflection(version).ServerReflection).serverReflectionInfo();
  const replies = stream[Symbol.asyncIterator]();
  return {
    async ask(messageRequest: Question): Promise<Answer | undefined> {
      await stream.send({ host: "here", messageRequest });
      const { value } = await replies.next();
      return value?.messageResponse;
    },
    stream,
    replies,
    async end(): Promise<void> {
      stream.end();
      await replies.next();
    },
  };
}

/** The files in an answer, as protobuf-es reads them. */
export function filesOf(answer: Answer | undefined): FileDescriptorProto[] {
  if (answer?.kind !== "fileDescriptorResponse") throw new Error(`no files came, but ${JSON.stringify(answer)}`);
  return answer.value.fileDescriptorProto.map((one) => fromBinary(FileDescriptorProtoSchema, one));
}

/** A server of reflection that answers as the test says. */
export function misbehaving(answer: (question: string) => object): Implementation {
  const { ServerReflection } = defineReflection("v1");
  return implement(ServerReflection, {
    async *serverReflectionInfo(requests) {
      for await (const { messageRequest } of requests) {
        yield answer(`${messageRequest?.kind} ${JSON.stringify(messageRequest?.value)}`);
      }
    },
  });
}
