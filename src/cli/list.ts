// The command line: `farcall list`: what a server serves, as its reflection tells it, written as a `.proto` would say it.
import type { MessageDescriptor, ServiceDescriptor } from "../idl/descriptor.ts";
import { printDeclaration } from "../idl/printer/print-file.ts";
import { callDefaultsOf } from "../idl/rpc-options.ts";
import { describeFailure } from "./call-failure.ts";
import { type Command, CommandError, readArguments, suggest, UsageError } from "./command.ts";
import { type Contracts, type Declaration, findMethod, findService, reflectedContracts } from "./contracts.ts";
import { addressHelp, openRemote, remoteHelp, remoteOptions } from "./remote.ts";
import type { Terminal } from "./terminal.ts";

const help = `farcall list: show what a server serves

usage: farcall list ADDRESS [NAME] [OPTION]...

Without NAME, the services of the server. NAME is a service, SERVICE/METHOD, a message or an enum: its declaration is
printed as a .proto has it. The server must have reflection.

${addressHelp}

options:
${remoteHelp}
  --json                    print one JSON value
  -h, --help                print this

examples:
  farcall list 127.0.0.1:12345
  farcall list 127.0.0.1:12345 dirs.Directories/MakeDirectory

Exit status: 0 done, 1 failed, 2 misused.`;

/** `farcall list`. */
export const listCommand: Command = {
  name: "list",
  summary: "show what a server serves",
  help,
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<void> {
  const { values, positionals } = readArguments(args, {
    ...remoteOptions,
    json: { type: "boolean", default: false },
  });
  const [address, name, ...more] = positionals;
  if (address === undefined) throw new UsageError("say which server to ask: farcall list ADDRESS");
  if (more.length > 0) throw new UsageError(`one name at a time: ${more.join(" ")} is too much`);
  const remote = openRemote(address, values);
  const contracts = reflectedContracts(
    remote,
    "its .proto files are needed, and farcall call takes them by --proto FILE",
  );
  try {
    if (name === undefined) await listServices(contracts, values.json, terminal);
    else await show(await findNamed(contracts, name), values.json, terminal);
  } catch (error) {
    throw await describeFailure(error, { terminal, json: values.json, whenHungUp: remote.whenHungUp });
  } finally {
    contracts.close();
    await remote.channel.close();
  }
}

async function listServices(contracts: Contracts, json: boolean, { out }: Terminal): Promise<void> {
  const names = await contracts.listServices();
  if (json) out.line(JSON.stringify(names));
  else for (const name of names) out.line(name);
}

/** What NAME stands for: one declaration, or a service with the one method that was asked for and its messages. */
async function findNamed(contracts: Contracts, name: string): Promise<readonly Declaration[]> {
  const [serviceName, methodName] = name.replace(/^[./]/, "").split("/");
  if (serviceName === undefined || serviceName === "") throw new UsageError(`${name} is no name`);
  if (methodName === undefined) {
    const found = await contracts.find(serviceName);
    if (found !== undefined) return [found];
    const names = await contracts.listServices();
    throw new CommandError(`${serviceName} is not known to the server${suggest(serviceName, names)}`);
  }
  const service = await findService(contracts, serviceName);
  const method = findMethod(service, methodName);
  return [{ ...service, methods: [method] }, ...new Set([method.input, method.output])];
}

async function show(declarations: readonly Declaration[], json: boolean, { out }: Terminal): Promise<void> {
  if (json) {
    const [first] = declarations;
    out.line(JSON.stringify(first?.kind === "service" ? describeService(first) : describeType(first as Declaration)));
    return;
  }
  let inPackage: string | undefined;
  for (const declaration of declarations) {
    if (inPackage !== undefined) out.line("");
    const { package: name } = declaration.file;
    if (name !== inPackage && name !== "") out.line(`package ${name};\n`);
    inPackage = name;
    out.line(printDeclaration(declaration).trimEnd());
  }
}

function describeService({ fullName, file, methods }: ServiceDescriptor) {
  return {
    service: fullName,
    file: file.name,
    methods: methods.map(({ name, input, output, clientStreaming, serverStreaming, options, service }) => {
      const { idempotency, defaultTimeoutMs } = callDefaultsOf(options, service.options);
      return {
        name,
        input: input.fullName,
        output: output.fullName,
        clientStreaming,
        serverStreaming,
        ...(idempotency !== "unknown" && { idempotency }),
        ...(defaultTimeoutMs !== undefined && { defaultTimeoutMs }),
      };
    }),
  };
}

function describeType(declaration: Exclude<Declaration, ServiceDescriptor> | Declaration) {
  const { kind, fullName, file } = declaration;
  if (kind === "enum") {
    return {
      enum: fullName,
      file: file.name,
      values: declaration.values.map(({ name, number }) => ({ name, number })),
    };
  }
  const { fields } = declaration as MessageDescriptor;
  return {
    message: fullName,
    file: file.name,
    fields: fields.map(({ name, jsonName, number, type, cardinality, oneof }) => ({
      name,
      jsonName,
      number,
      type: type.kind === "scalar" ? type.scalar : type.kind === "enum" ? type.enum.fullName : type.message.fullName,
      cardinality,
      ...(oneof !== undefined && { oneof: oneof.name }),
    })),
  };
}
