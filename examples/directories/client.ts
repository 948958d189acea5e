// Example, directories: the client. `node build/examples/directories/client.js put photo.jpg photos/photo.jpg`
import { parseArgs } from "node:util";
import { CallError, dial } from "farcall";
import { commands } from "./commands.ts";
import { Directories } from "./gen/directories.ts";
import { Files } from "./gen/files.ts";
import { defaultAddress, exitWith, readOrExit } from "./program.ts";

const usage = `usage: client.js COMMAND [OPTION]...
${Object.values(commands)
  .map(({ usage, does }) => `  ${usage.padEnd(21)} ${does}`)
  .join("\n")}
options:
  --address ADDRESS     the server; ${defaultAddress} by default
  --timeout-ms MS       time for the call; by default 5000, and no limit for get, put and watch
  --new                 put: fail when the file is there already
  --insecure            permit plain text beyond this machine
  -h, --help            print this
Exit status: 0 done, 1 failed, 2 misused.`;

const { values, positionals } = readOrExit(usage, () =>
  parseArgs({
    allowPositionals: true,
    options: {
      address: { type: "string", default: defaultAddress },
      "timeout-ms": { type: "string" },
      new: { type: "boolean", default: false },
      insecure: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }),
);
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const timeout = values["timeout-ms"];
if (timeout !== undefined && !(Number(timeout) > 0)) exitWith(2, `--timeout-ms is ${timeout}; give milliseconds`);

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

const [name = "", ...args] = positionals;
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) exitWith(2, name === "" ? usage : `there is no command ${name}\n${usage}`);
const { min, max } = command.args;
if (args.length < min || args.length > max) exitWith(2, `usage: client.js ${command.usage}`);

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
try {
  const timeoutMs = timeout === undefined ? undefined : Number(timeout);
  const channel = dial(values.address, { timeoutMs: timeoutMs ?? 5000, insecure: values.insecure });
  await command.run(args, {
    directories: channel.stub(Directories),
    files: channel.stub(Files),
    streamTimeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
    createOnly: values.new,
    signal: interrupt.signal,
    print: (line) => console.log(line),
  });
  await channel.close();
} catch (error) {
  if (interrupt.signal.aborted) process.exit(130);
  exitWith(1, describeFailure(error));
}
