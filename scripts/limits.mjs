// Writes docs/limits.md from the records of limits that the code uses: names and sentences from their source, values from the
// built output. `--check` writes nothing and fails when it would change. Run it after a build.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatTable, put } from "./documents.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const intro = `# Limits

Whatever a peer can make grow has a limit, and every default is finite but where it says none. A limit is checked when a
length is read, before memory is taken. What is refused, cut or closed for one names it and its value: in the debug data of
GOAWAY, in the message of a status, in the \`CallError\` of our own side. A server counts what met its limits:
\`server.snapshot().limitsMet\` has each with its number, the last peer and what it was told, and [channelz](services.md#channelz)
shows the same as the trace of the server.

This page is written by \`scripts/limits.mjs\` from the records in the code. How each was attacked is in \`tests/attacks\`.
`;

/** Each record: where its fields are documented, where its values are, and how a program changes them. */
const records = [
  {
    title: "An HTTP/2 connection",
    file: "src/http2/limits.ts",
    type: "Http2Limits",
    values: async () => (await import("../build/src/http2/limits.js")).defaultHttp2Limits,
    settable: "The option `limits: { http2: { ... } }` of `dial` and `serve`.",
  },
  {
    title: "A server",
    file: "src/rpc/server-limits.ts",
    type: "ServerLimits",
    values: async () => (await import("../build/src/rpc/server-limits.js")).defaultServerLimits,
    settable: "Options of `serve`.",
  },
  {
    title: "The life of a server's connections",
    file: "src/rpc/connection-life.ts",
    type: "ConnectionLifeOptions",
    values: async () => (await import("../build/src/rpc/connection-life.js")).defaultConnectionLife,
    settable: "Options of `serve`.",
  },
  {
    title: "A channel",
    file: "src/rpc/pool-options.ts",
    type: "PoolOptions",
    values: async () => (await import("../build/src/rpc/pool-options.js")).defaultPoolOptions,
    settable: "Options of `dial`, which has `maxMessageBytes` too: 4 MiB of one reply, after inflating.",
  },
  {
    title: "A gRPC stream",
    file: "src/protocols/grpc/limits.ts",
    type: "GrpcLimits",
    values: async () => (await import("../build/src/protocols/grpc/limits.js")).grpcLimits,
    settable: "Fixed.",
  },
  {
    title: "HPACK alone",
    file: "src/http2/hpack/limits.ts",
    type: "HpackLimits",
    values: async () => (await import("../build/src/http2/hpack/limits.js")).defaultHpackLimits,
    settable: "The option `limits` of `HpackDecoder`; a connection gives it its own.",
  },
  {
    title: "Sockets",
    file: "src/net/limits.ts",
    type: "NetLimits",
    values: async () => (await import("../build/src/net/limits.js")).netLimits,
    settable: "`backlog` is an option of `serve`; the others are fixed.",
  },
  {
    title: "Messages",
    file: "src/marshal/delimited.ts",
    type: "DelimitedLimits",
    more: [{ file: "src/marshal/types.ts", type: "DecodeLimits" }],
    values: async () => ({
      ...(await import("../build/src/marshal/message-type.js")).defaultDecodeLimits,
      maxMessageBytes: (await import("../build/src/framing/framing.js")).defaultMaxMessageBytes,
    }),
    settable:
      "The last argument of `decode` and of `decodeDelimited`. The second is that of messages in files and streams.",
  },
  {
    title: "Contracts",
    file: "src/idl/limits.ts",
    type: "IdlLimits",
    values: async () => (await import("../build/src/idl/limits.js")).defaultIdlLimits,
    settable: "The option `limits` of `linkFiles`.",
  },
  {
    title: "Services",
    file: "src/services/limits.ts",
    type: "ServiceLimits",
    values: async () => (await import("../build/src/services/limits.js")).serviceLimits,
    settable: "`maxWatches` and `maxListed` are options of `health`, `maxFiles` of `ReflectionClient`.",
  },
];

/** The numeric fields of an interface, each with what is said of it; a field of which nothing is said is an error. */
function readFields({ file, type }) {
  const source = readFileSync(file, "utf8");
  const begin = source.indexOf(`export interface ${type} `);
  if (begin < 0) throw new Error(`${file} has no interface ${type}`);
  const body = source.slice(source.indexOf("{\n", begin) + 2, source.indexOf("\n}\n", begin) + 1);
  const fields = [];
  for (const [, doc, name] of body.matchAll(
    /(?: {2}\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\n)? {2}readonly (\w+)\??: number;\n/g,
  )) {
    if (doc === undefined) throw new Error(`${file}: ${type}.${name} says nothing of itself`);
    const text = doc
      .replace(/\n\s*\* ?/g, " ")
      .replace(/\s+/g, " ")
      .trim();
    fields.push({
      name,
      text: text.replace(/\s*Default (?:none, )?[^.;]*(?:\.\d[^.;]*)*[.;]\s*(?=$|[A-Z`])/g, " ").trim(),
    });
  }
  return fields;
}

function formatValue(name, value) {
  if (value === Number.POSITIVE_INFINITY) return "none";
  const of = (size, unit) => `${(value / size).toLocaleString("en")} ${unit}`;
  if (/Bytes$/.test(name)) {
    if (value === 65_535) return "64 KiB - 1";
    if (value >= 1024 * 1024) return of(1024 * 1024, "MiB");
    return value >= 1024 ? of(1024, "KiB") : of(1, "bytes");
  }
  if (/Ms$/.test(name)) {
    if (value >= 3_600_000) return of(3_600_000, "h");
    if (value >= 60_000) return of(60_000, "min");
    return value >= 1000 ? of(1000, "s") : of(1, "ms");
  }
  return /PerSecond$/.test(name) ? of(1, "a second") : value.toLocaleString("en");
}

let text = intro;
for (const { title, settable, more = [], values: load, ...own } of records) {
  const values = await load();
  const rows = [...more, own].flatMap(readFields).map(({ name, text: said }) => {
    if (typeof values[name] !== "number") throw new Error(`${own.file}: ${name} has no default`);
    return [`\`${name}\``, formatValue(name, values[name]), said.replaceAll("|", "\\|")];
  });
  text += `\n## ${title}\n\n${settable}\n\n${formatTable(["limit", "default", "of what"], rows)}`;
}
put("docs/limits.md", text);
