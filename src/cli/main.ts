#!/usr/bin/env node
// The command line: `farcall <command>`. It finds the command, and turns what the command throws into words and an exit
// status: 0 done, 1 failed, 2 misused. Each command is a file beside this one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { callCommand } from "./call.ts";
import { type Command, CommandError, suggest, UsageError } from "./command.ts";
import { compatCommand } from "./compat.ts";
import { genCommand } from "./gen.ts";
import { listCommand } from "./list.ts";
import { packageFolder } from "./package-folder.ts";
import { serveCommand } from "./serve.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

const commands: readonly Command[] = [genCommand, compatCommand, serveCommand, callCommand, listCommand];

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return `farcall: call procedures on other machines

usage: farcall COMMAND [OPTION]...

commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join("\n")}

options:
  -h, --help     print this, or with a command what the command does
  --version      print the version of farcall

Exit status: 0 done, 1 failed, 2 misused.`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

/** Runs what `args` ask for. Returns the exit status. */
async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    terminal.err.line(overview());
    return 2;
  }
  if (first === "--help" || first === "-h" || (first === "help" && rest.length === 0)) {
    terminal.out.line(overview());
    return 0;
  }
  if (first === "--version") {
    terminal.out.line(version());
    return 0;
  }
  const asksHelp = first === "help";
  const wanted = asksHelp ? (rest[0] as string) : first;
  const command = commands.find(({ name }) => name === wanted);
  if (command === undefined) {
    const kind = wanted.startsWith("-") ? "option" : "command";
    const near = suggest(wanted, [...commands.map(({ name }) => name), "--help", "--version"]);
    terminal.err.line(`farcall: unknown ${kind} ${wanted}${near}`);
    terminal.err.line("see farcall --help");
    return 2;
  }
  if (asksHelp || rest.some((arg, index) => isHelp(arg) && !rest.slice(0, index).includes("--"))) {
    terminal.out.line(command.help);
    return 0;
  }
  return runCommand(command, rest, terminal);
}

function isHelp(arg: string): boolean {
  return arg === "--help" || arg === "-h";
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await command.run(args, terminal);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err.line(`farcall ${command.name}: ${error.message}`);
      terminal.err.line(`see farcall ${command.name} --help`);
      return 2;
    }
    if (error instanceof CommandError) {
      if (error.message !== "") terminal.err.line(error.message);
      return error.status;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2), createTerminal());
