// The command line: `farcall call`: one call of any kind, from JSON to JSON. What comes is printed as it comes, and what is
// read from the standard input is sent as it is read.
import type { Method, ToJsonOptions } from "../marshal/types.ts";
import type { CallOptions, Channel } from "../rpc/channel.ts";
import type { ServerStream } from "../rpc/conversation.ts";
import type { Metadata } from "../rpc/metadata.ts";
import { describeFailure, type ReadDetail } from "./call-failure.ts";
import { type RequestSource, readRequest, readRequests, requestSource } from "./call-requests.ts";
import { type Command, readArguments, UsageError } from "./command.ts";
import { fileContracts, findMethod, findService, reflectedContracts } from "./contracts.ts";
import { HeldTypes } from "./held-types.ts";
import { addressHelp, formatMetadata, openRemote, type Remote, remoteHelp, remoteOptions } from "./remote.ts";
import type { Terminal } from "./terminal.ts";

const help = `farcall call: call a method of a server

usage: farcall call ADDRESS SERVICE/METHOD [JSON | - | @FILE] [OPTION]...

The request is JSON, {} when it is left out; - reads it from the standard input, @FILE from a file. For a method that takes
a stream, each of their lines is a message, sent as soon as it is read. Each reply is printed as a line of JSON as soon
as it comes.

${addressHelp}
What the messages look like is asked of the server (reflection), or read from .proto files.

options:
  --proto FILE              a .proto file with the service, instead of reflection; may be repeated
  -I, --proto-path DIR      where its imports are looked for; may be repeated
${remoteHelp}
  --emit-defaults           print fields that are not set as well
  -v, --verbose             show headers and trailers
  --json                    when the call fails, print the failure as a line of JSON
  -h, --help                print this

Replies go to the standard output; failures, headers and trailers to the standard error.

examples:
  farcall call 127.0.0.1:12345 dirs.Directories/MakeDirectory '{"path": "photos"}'
  tail -f orders.jsonl | farcall call shop:443 shop.Orders/Put - --tls

Exit status: 0 done, 1 failed, 2 misused.`;

/** `farcall call`. */
export const callCommand: Command = {
  name: "call",
  summary: "call a method of a server",
  help,
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<void> {
  const { values, positionals } = readArguments(args, {
    ...remoteOptions,
    proto: { type: "string", multiple: true, default: [] },
    "proto-path": { type: "string", short: "I", multiple: true, default: [] },
    verbose: { type: "boolean", short: "v", default: false },
    "emit-defaults": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  const [address, path, request, ...more] = positionals;
  if (address === undefined || path === undefined)
    throw new UsageError("say whom and what to call: ADDRESS SERVICE/METHOD");
  if (more.length > 0) throw new UsageError(`one request at a time: ${more.join(" ")} is too much (quote the JSON)`);
  const [, service, method] = /^\/?([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (service === undefined || method === undefined)
    throw new UsageError(`${path} is not SERVICE/METHOD${meant(path)}`);
  const source = requestSource(request);
  const contracts =
    values.proto.length > 0 ? fileContracts(values.proto, values["proto-path"], terminal.err) : undefined;
  const remote = openRemote(address, values);
  const known = contracts ?? reflectedContracts(remote, "say what it serves with --proto FILE");
  const types = new HeldTypes(known);
  try {
    const found = findMethod(await findService(known, service), method);
    const { methods } = known.types.serviceOf(found.service);
    // The call may last longer than a conversation may.
    known.close();
    const json = { types, emitDefaults: values["emit-defaults"] };
    const setting = { remote, terminal, types, json, verbose: values.verbose };
    await callMethod(methods[found.localName] as Method, source, setting);
  } catch (error) {
    if (terminal.out.closed.aborted) return;
    const { whenHungUp } = remote;
    throw await describeFailure(error, { terminal, json: values.json, readDetail: detailReader(types), whenHungUp });
  } finally {
    known.close();
    await remote.channel.close();
    // Whoever writes into it may never end.
    process.stdin.destroy();
  }
}

/** What a path without a slash may mean: gRPC's logs and other tools write a dot before the method. */
function meant(path: string): string {
  const [, service, method] = /^\/?(\w+(?:\.\w+)+)\.(\w+)$/.exec(path) ?? [];
  return service === undefined ? "" : `; did you mean ${service}/${method}?`;
}

interface CallSetting {
  readonly remote: Remote;
  readonly terminal: Terminal;
  readonly types: HeldTypes;
  readonly json: ToJsonOptions;
  readonly verbose: boolean;
}

/** Calls, and prints each reply. */
async function callMethod(method: Method, source: RequestSource, setting: CallSetting): Promise<void> {
  const { remote, terminal, types, json } = setting;
  const { input, output, callKind } = method;
  const takesStream = callKind === "clientStream" || callKind === "bidiStream";
  const request = takesStream ? readRequests(source, input, types) : await readRequest(source, input, types);
  const answer = callAny(remote.channel, method, request, callOptions(setting));
  const print = async (reply: unknown): Promise<void> =>
    terminal.out.line(await types.whileLearning(() => output.toJsonString(reply, json)));
  if (callKind === "unary" || callKind === "clientStream") await print(await answer);
  else for await (const reply of answer as ServerStream<unknown>) await print(reply);
}

/** `Channel.call` for a method whose kind is known only now. */
function callAny(channel: Channel, method: Method, request: unknown, options: CallOptions): unknown {
  return (channel.call as (method: Method, request: unknown, options: CallOptions) => unknown).call(
    channel,
    method,
    request,
    options,
  );
}

function callOptions({ remote, terminal, verbose }: CallSetting): CallOptions {
  const { metadata, timeoutMs } = remote;
  const show = (what: string) => (received: Metadata) => {
    for (const line of formatMetadata(received)) terminal.err.line(terminal.err.style("dim", `${what} ${line}`));
  };
  return {
    metadata,
    signal: terminal.out.closed,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(verbose && { onHeaders: show("header"), onTrailers: show("trailer") }),
  };
}

/** Reads details of errors whose types are known. */
function detailReader(types: HeldTypes): ReadDetail {
  return async (typeName, value) => {
    const type = await types.learnMessage(typeName);
    return type && types.whileLearning(() => type.toJson(type.decode(value), { types }));
  };
}
