// What the types of stubs promise for each kind of method, and what they refuse: compiled, never run.
import { type CallOptions, type Channel, dial, type Metadata } from "farcall";
import type { InitOf, MessageOf } from "farcall/idl";
import { Ask, assertType, type Entry, type EntryValue, Folders, type Same, type Sum } from "./contract.ts";

type AskInit = InitOf<typeof Ask>;
type EntryInit = InitOf<typeof Entry>;
type SumValue = MessageOf<typeof Sum>;

const channel: Channel = dial("memory:x");
const stub = channel.stub(Folders);

assertType<Same<Parameters<typeof stub.get>[0], AskInit>>();
assertType<Same<Parameters<typeof stub.get>[1], CallOptions | undefined>>();
assertType<Same<Awaited<ReturnType<typeof stub.get>>, MessageOf<typeof Entry>>>();
assertType<Same<keyof typeof stub, "get" | "watch" | "upload" | "sync">>();

export async function one(): Promise<EntryValue> {
  const entry = await stub.get({ path: "a", after: 5, kind: "FOLDER" }, { timeoutMs: 500 });
  await stub.get({});
  await stub.get(Ask.create({ after: 7n }));
  if (entry.content?.kind === "data") entry.content.value satisfies Uint8Array;
  // @ts-expect-error a misspelt field
  await stub.get({ paht: "a" });
  // @ts-expect-error a number for a string
  await stub.get({ path: 5 });
  // @ts-expect-error a string for 64 bits
  await stub.get({ after: "5" });
  // @ts-expect-error an enum's unknown name
  await stub.get({ kind: "SOCKET" });
  // @ts-expect-error null is no absence
  await stub.get({ path: null });
  // @ts-expect-error a method takes a request
  await stub.get();
  // @ts-expect-error no such option
  await stub.get({}, { timeout: 5 });
  // @ts-expect-error a deadline is a number of milliseconds
  await stub.get({}, { timeoutMs: "5 s" });
  // @ts-expect-error no such method
  await stub.remove({ path: "a" });
  // @ts-expect-error a field that the reply lacks
  entry.path;
  // @ts-expect-error 64 bits come as a bigint, which does not mix with numbers
  entry.size + 1;
  // @ts-expect-error a oneof's value is known only once its kind is
  entry.content.value.length;
  // @ts-expect-error a stub's methods stay as they are
  stub.get = async () => entry;
  return entry;
}

export async function many(): Promise<string[]> {
  const feed = stub.watch({ path: "a" }, { metadata: { "x-who": "me" } });
  const names: string[] = [];
  for await (const entry of feed) names.push(entry.name);
  const headers: Metadata = await feed.headers;
  const trailers: Metadata = await feed.trailers;
  feed.cancel("enough");
  // @ts-expect-error a stream is no promise of one message
  (await feed).name;
  // @ts-expect-error nothing is sent on a stream from the server
  await feed.send({ path: "b" });
  // @ts-expect-error a stream from the server takes one message, not many
  stub.watch([{ path: "a" }]);
  // @ts-expect-error it is read with for await
  for (const entry of feed) names.push(entry.name);
  return [...names, String(headers.size + trailers.size)];
}

export async function upload(): Promise<bigint> {
  async function* entries(): AsyncGenerator<EntryInit> {
    yield { name: "a", sizes: { a: 1 }, content: { kind: "link", value: "b" } };
  }
  const paths: string[] = [];
  const fromIterable: SumValue = await stub.upload(entries(), { timeoutMs: 500 });
  const fromArray: SumValue = await stub.upload([{ name: "a", sizes: new Map([["a", 1n]]) }]);
  const pushed = stub.upload();
  await pushed.send({ name: "a", parts: Object.freeze(["b"]) });
  pushed.end();
  const fromPushes: SumValue = await pushed.reply;
  await stub.upload(undefined, { timeoutMs: 500 }).reply;
  // @ts-expect-error one message is no stream of them
  await stub.upload({ name: "a" });
  // @ts-expect-error a message with a wrong field among them
  await stub.upload([{ name: "a" }, { nmae: "b" }]);
  // @ts-expect-error a pushed message with a wrong type
  await pushed.send({ size: "5" });
  // @ts-expect-error a oneof's value of another kind
  await pushed.send({ content: { kind: "data", value: "text" } });
  // @ts-expect-error a map's values are of one type
  await pushed.send({ sizes: { a: true } });
  // @ts-expect-error with an iterable there is nothing to push to
  stub.upload(entries()).send({});
  // @ts-expect-error a stream to the server is not read
  for await (const _ of pushed) paths.push("");
  return fromIterable.count + fromArray.count + fromPushes.count;
}

export async function both(): Promise<string[]> {
  const talk = stub.sync();
  await talk.send({ name: "a" });
  talk.end();
  const paths: string[] = [];
  for await (const { path, after } of talk) paths.push(path, String(after satisfies bigint));
  for await (const { path } of stub.sync([{ name: "a" }], { timeoutMs: 500 })) paths.push(path);
  // @ts-expect-error what is sent is an entry, what comes is an ask
  await talk.send({ path: "a" });
  // @ts-expect-error there is no one reply
  await talk.reply;
  return paths;
}

/** A stub of some methods by names of one's own, and a call without a stub. */
export async function picked(): Promise<void> {
  const few = channel.stub({ read: Folders.methods.get, tail: Folders.methods.watch });
  assertType<Same<keyof typeof few, "read" | "tail">>();
  (await few.read({ path: "a" })).name satisfies string;
  // @ts-expect-error a method that was not picked
  few.upload;
  (await channel.call(Folders.methods.get, { path: "a" }, { timeoutMs: 5 })).size satisfies bigint;
  for await (const entry of channel.call(Folders.methods.watch, {})) entry.name satisfies string;
  channel.call(Folders.methods.sync).send({ name: "a" }) satisfies Promise<void>;
  // @ts-expect-error the request of another method
  await channel.call(Folders.methods.get, { name: "a" });
  // @ts-expect-error a message type is no method
  channel.call(Ask, {});
  // @ts-expect-error a stub is of methods, not of message types
  channel.stub({ Ask });
}
