// Example, demo: other makes at the same server: grpc-js makes changes that our client watches, and the command line, which has
// no contract at all, asks for it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dial } from "farcall";
import { Files, type WatchEvent } from "../../directories/gen/files.ts";
import { dialForeign } from "../foreign-client.ts";
import { fromPackage } from "../from-package.ts";
import { check, formatMs } from "../stage.ts";
import { timed, type World } from "../world.ts";

const text = "Is anybody there?";

export async function showForeignClient({ stage, tcp }: World): Promise<void> {
  stage.chapter("Another make of client changes a directory that we watch");
  const foreign = await dialForeign(tcp);
  const channel = dial(tcp);
  const watch = channel.stub(Files).watch({ path: "/" })[Symbol.asyncIterator]();
  const next = async (): Promise<WatchEvent> => {
    const { done, value } = await watch.next();
    check(done !== true, "a watch goes on until its client leaves it");
    return value;
  };
  const there: string[] = [];
  for (let event = await next(); event.kind !== "LISTED"; event = await next()) there.push(event.entry?.name ?? "");

  const rows = [["grpc-js", "our watch is told", "after"]];
  const show = async (what: string, change: () => Promise<unknown>, expected: string): Promise<void> => {
    const { result, ms } = await timed(async () => (await Promise.all([next(), change()]))[0]);
    const told = [result.kind, result.previousName, result.entry?.name].filter((word) => word !== "").join(" ");
    check(told === expected, `${what} is told as ${expected}, not ${told}`);
    rows.push([what, told, formatMs(ms)]);
  };
  await show("makes the directory letters", () => foreign.makeDirectory("letters"), "CREATED letters");
  await show("writes the file first.txt", () => foreign.write("first.txt", Buffer.from(text)), "CREATED first.txt");
  await show("renames it", () => foreign.rename("first.txt", "hello.txt"), "RENAMED first.txt hello.txt");
  await watch.return?.();
  foreign.close();
  await channel.close();
  stage.table(rows);
  check(there.includes("photos") && there.includes("beach.raw"), "a watch begins with what is there");
  stage.say(`The watch began with what was there (${there.join(", ")}). grpc-js knows nothing of Farcall: it is gRPC.`);
}

export async function showCommandLine({ stage, tcp }: World): Promise<void> {
  stage.chapter("The command line asks the running server");
  const { host } = new URL(tcp);
  const farcall = async (...args: readonly string[]): Promise<string[]> => {
    stage.prompt(`farcall ${args.map((arg) => (arg.includes('"') ? `'${arg}'` : arg)).join(" ")}`);
    const lines = await linesOf(args);
    for (const line of lines) stage.line(line);
    return lines;
  };
  const services = await farcall("list", host);
  check(services.includes("Directories") && services.includes("files.v1.Files"), "reflection tells of both services");
  const replies = await farcall("call", host, "files.v1.Files/Read", '{"path": "hello.txt"}');
  const [first, second] = replies.map((line) => JSON.parse(line) as { file?: { size: string }; data?: string });
  check(replies.length === 2 && first?.file?.size === `${text.length}`, "the first message tells of the file");
  const read = Buffer.from(second?.data ?? "", "base64").toString();
  check(read === text, "the second message has what grpc-js wrote");
  stage.say(`It asked the server what the messages look like (reflection). The data is base64 of "${read}".`);
}

async function linesOf(args: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [fromPackage("dist/cli.js"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      said += part;
    });
  }
  const [status] = (await once(child, "close")) as [number | null];
  check(status === 0, `farcall ${args[0]} ends well, not with ${status}: ${said}`);
  return said.trimEnd().split("\n");
}
