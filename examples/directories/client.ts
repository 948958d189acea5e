// Example, directories: the client. `node build/examples/directories/client.js make photos`
import { parseArgs } from "node:util";
import { CallError, dial, type Stub } from "farcall";
import { Directories } from "./gen/directories.ts";
import { defaultAddress, exitWith, readOrExit } from "./program.ts";

const usage = `usage: client.js COMMAND [OPTION]...
  make PATH             make a directory
  list [PATH]           list a directory; the served folder itself by default
  remove PATH           remove an empty directory
  rename PATH NEW_PATH  move a directory
options:
  --address ADDRESS     the server; ${defaultAddress} by default
  --timeout-ms MS       time for the call; 5000 by default
  --insecure            permit plain text beyond this machine`;

const { values, positionals } = readOrExit(usage, () =>
  parseArgs({
    allowPositionals: true,
    options: {
      address: { type: "string", default: defaultAddress },
      "timeout-ms": { type: "string", default: "5000" },
      insecure: { type: "boolean", default: false },
    },
  }),
);
const timeoutMs = Number(values["timeout-ms"]);
if (!(timeoutMs > 0)) exitWith(2, `--timeout-ms is ${values["timeout-ms"]}; give milliseconds`);

type DirectoriesStub = Stub<typeof Directories.methods>;
type Command = (stub: DirectoriesStub, paths: readonly string[]) => Promise<string>;

const commands: { readonly [name: string]: { readonly pathCounts: readonly number[]; readonly run: Command } } = {
  make: {
    pathCounts: [1],
    run: async (stub, [path = ""]) => {
      await stub.makeDirectory({ path });
      return `made ${path}`;
    },
  },
  list: {
    pathCounts: [0, 1],
    run: async (stub, [path = "/"]) => {
      const { entries } = await stub.listDirectory({ path });
      const lines = entries.map(({ name, isDirectory }) => (isDirectory ? `${name}/` : name));
      return lines.length === 0 ? `${path} is empty` : lines.join("\n");
    },
  },
  remove: {
    pathCounts: [1],
    run: async (stub, [path = ""]) => {
      await stub.removeDirectory({ path });
      return `removed ${path}`;
    },
  },
  rename: {
    pathCounts: [2],
    run: async (stub, [path = "", newPath = ""]) => {
      await stub.renameDirectory({ path, newPath });
      return `renamed ${path} to ${newPath}`;
    },
  },
};

/** What to tell a person about a call that failed: also whether it is safe to try again. */
function describeFailure(error: unknown): string {
  if (!(error instanceof CallError)) return error instanceof Error ? error.message : String(error);
  const { code, message, execution, phase } = error;
  const advice = {
    "not-executed": "The call was not executed: nothing has changed.",
    executed: "The call was executed: this is the server's answer.",
    unknown: "Whether the call was executed is unknown: look before you try again.",
  }[execution];
  return `${code}: ${message}\n${advice}${execution === "executed" ? "" : ` It ended in the phase "${phase}".`}`;
}

const [name = "", ...paths] = positionals;
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command?.pathCounts.includes(paths.length)) exitWith(2, usage);
try {
  const channel = dial(values.address, { timeoutMs, insecure: values.insecure });
  console.log(await command.run(channel.stub(Directories), paths));
  await channel.close();
} catch (error) {
  exitWith(1, describeFailure(error));
}
