// Writes docs/errors.md from the tables and types of codes that the code uses, each with its sentence. `--check` writes
// nothing and fails when it would change. Run it after a build.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorCodeNumber } from "../build/src/http2/frames.js";
import { codeOfHttpStatus, codeOfReset } from "../build/src/protocols/grpc/status-map.js";
import { statusNumberOf } from "../build/src/rpc/status.js";
import { formatTable, put } from "./documents.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const intro = `# Errors

Every error has a \`code\` to switch on, and a message that names the thing and what to do. This page lists the codes; it is
written by \`scripts/errors.mjs\` from the tables in the code. How programs deal with failed calls is in
[the guide](guide/errors.md).

There are four families. A call that the program made wrongly throws at once (\`UsageError\`, \`AddressError\`,
\`MetadataError\`, \`DefinitionError\`, \`FramingError\`). A call that failed has a \`CallError\`, whoever failed. What a peer sent
wrongly never throws: it ends a stream or a connection, with a code for the peer. Bytes and texts that a program decodes itself
give a \`MarshalError\`, \`ReadError\`, \`CompressionError\` or \`SourceError\`.
`;

/** The text between two marks. */
function between(text, begin, end, file) {
  const from = text.indexOf(begin);
  if (from < 0) throw new Error(`${file} has no ${begin}`);
  return text.slice(from + begin.length, text.indexOf(end, from + begin.length));
}

const flat = (doc) =>
  doc
    .replace(/\n\s*\* ?/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .replaceAll("|", "\\|");

/** The members of a type or a list that have a sentence each: `/** sentence *\/ | "code"`. All must have one. */
function readDocumented(file, begin, end) {
  const body = between(readFileSync(file, "utf8"), begin, end, file);
  const found = [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\|? ?"([\w-]+)"/g)];
  const codes = found.map(([, doc, code]) => [code, flat(doc)]);
  const count = body.replace(/\/\*\*[\s\S]*?\*\//g, "").match(/"[\w-]+"/g)?.length ?? 0;
  if (count !== codes.length || count === 0) throw new Error(`${file}: ${count} codes, ${codes.length} sentences`);
  return codes;
}

/** A type whose members have a sentence each. */
const typeOf = (file, name) => readDocumented(file, `export type ${name} =`, ";\n");

/** A table in the code: `code: "sentence"`. */
function tableOf(file, begin) {
  const body = between(readFileSync(file, "utf8"), begin, "\n}", file);
  return [...body.matchAll(/^ {2}"?([\w-]+)"?:\s*"((?:[^"\\]|\\.)*)",$/gm)].map(([, code, said]) => [code, said]);
}

const ticked = (rows) => rows.map(([code, ...rest]) => [`\`${code}\``, ...rest]);
const plain = (rows) => formatTable(["code", "what it means, and what to do"], ticked(rows));

const httpStatuses = (code) =>
  ["400", "401", "403", "404", "429", "502", "503", "504"]
    .filter((status) => codeOfHttpStatus(status) === code)
    .join(", ");
const statuses = readDocumented("src/rpc/status.ts", "export const statusCodes = [", "] as const");
const resets = typeOf("src/http/exchange.ts", "ResetCode");

const sections = [
  [
    "CallError: how a call failed",
    "`number` is `grpc-status` on the wire. An answer that is no gRPC is told by its HTTP status, any other than these as UNKNOWN. A cut stream is told by the code of its RST_STREAM, below; a lost connection is UNAVAILABLE.",
    formatTable(
      ["code", "number", "HTTP", "what it means, and what to do"],
      statuses.map(([code, said]) => [`\`${code}\``, String(statusNumberOf(code)), httpStatuses(code), said]),
    ),
  ],
  [
    "execution: whether the handler ran",
    "On the wire it is the trailer `farcall-execution`, `executed` or `not-executed`; the second is believed only of a peer whose SETTINGS say that it is Farcall.",
    plain(typeOf("src/rpc/execution.ts", "Execution")),
  ],
  [
    "The proof of an attempt",
    "What the word of a call is decided from.",
    plain(typeOf("src/rpc/execution.ts", "AttemptProof")),
  ],
  ["phase: where the call was", "", plain(typeOf("src/rpc/call-error.ts", "Phase"))],
  [
    "Codes of HTTP/2",
    "Of RST_STREAM, which ends a stream, and of GOAWAY, which ends the connection and says why in its debug data. `status` is that of the calls which RST_STREAM ends.",
    formatTable(
      ["code", "number", "status", "what it means"],
      resets.map(([code, said]) => [`\`${code}\``, `0x${errorCodeNumber(code).toString(16)}`, codeOfReset(code), said]),
    ),
  ],
  [
    "Why connections are closed",
    "A violation closes with one of the codes above and a sentence; a limit with its name and value, which [limits](limits.md) lists. Sound connections are closed with NO_ERROR for these reasons:",
    formatTable(
      ["reason", "what the client reads"],
      ticked(tableOf("src/rpc/close-reasons.ts", "export const closeReasons = {")),
    ),
  ],
  [
    "Header blocks",
    "A block that cannot be decoded ends its connection with COMPRESSION_ERROR, one far over the limit with ENHANCE_YOUR_CALM. The number at fault follows the sentence.",
    formatTable(
      ["code", "what is said"],
      ticked(tableOf("src/http2/hpack/fault.ts", "const messages: Readonly<Record<HpackFaultCode, string>> = {")),
    ),
  ],
  [
    "UsageError: a call made wrongly",
    "Thrown at once; nothing was sent.",
    plain(typeOf("src/rpc/call-error.ts", "UsageErrorCode")),
  ],
  ["MetadataError", "Thrown where the metadata is given.", plain(typeOf("src/rpc/metadata.ts", "MetadataErrorCode"))],
  [
    "AddressError",
    "Thrown before anything is opened; `fix` says what to write.",
    plain(typeOf("src/host/endpoint.ts", "AddressErrorCode")),
  ],
  [
    "SocketFault",
    "Rejects `serve`, and is the `cause` of a `CallError` UNAVAILABLE whose connection could not be opened.",
    plain(typeOf("src/host/fault.ts", "SocketFaultCode")),
  ],
  [
    "CompressionError",
    "What a compressor throws; a call ends with RESOURCE_EXHAUSTED or INTERNAL for it.",
    plain(typeOf("src/host/compression.ts", "CompressionErrorCode")),
  ],
  [
    "MarshalError: values and bytes",
    "Thrown by `encode`, `decode` and their kin; `path` says where. A message of a peer that cannot be decoded ends its call with INTERNAL.",
    plain(tableOf("src/marshal/errors.ts", "export const marshalErrorCodes = {")),
  ],
  ["ReadError: a cursor over bytes", "", plain(typeOf("src/bytes/reader.ts", "ReadErrorCode"))],
  [
    "DefinitionError: a contract in TypeScript",
    "Thrown where the contract is written.",
    plain(typeOf("src/marshal/builder/definition-error.ts", "DefinitionErrorCode")),
  ],
  [
    "SourceError: a contract in .proto",
    "Returned in lists, with file, line and column; `farcall gen` prints them and ends with status 1.",
    plain(typeOf("src/idl/source-error.ts", "SourceErrorCode")),
  ],
  ["FramingError: a framing used wrongly", "Thrown.", plain(typeOf("src/framing/framing.ts", "FramingErrorCode"))],
  [
    "FramingFault: what a peer did wrong",
    "Returned, not thrown.",
    plain(typeOf("src/framing/framing.ts", "FramingFaultCode")),
  ],
  [
    "SimulationError",
    "Thrown by a simulation that cannot go on.",
    plain(typeOf("src/sim/scheduler.ts", "SimulationErrorCode")),
  ],
];

const text = sections.map(([title, said, table]) => `\n## ${title}\n\n${said === "" ? "" : `${said}\n\n`}${table}`);
put("docs/errors.md", intro + text.join(""));
