// Draws docs/one-call.svg: what one call is at each layer. The bytes in it are caught from a real call, so build first.
// `--check` only says whether the picture is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { duplexPair } from "node:stream";
import { fileURLToPath } from "node:url";
import { dial, implement, serve } from "farcall";
import { message, service, string, unary } from "farcall/idl";

const path = fileURLToPath(new URL("../docs/one-call.svg", import.meta.url));
const timeoutMs = 500;
const frameHeaderBytes = 9;
const frameTypes = { 0: "DATA", 1: "HEADERS" };

const Name = message("demo.Name", { name: string(1) });
const Greeting = message("demo.Greeting", { text: string(1) });
const Greeter = service("demo.Greeter", { greet: unary(Name, Greeting) });

/** Makes two calls over a pair of streams; resolves with the bytes that went each way. */
async function catchCalls() {
  const [near, far] = duplexPair();
  const caught = [near, far].map((side) => {
    const chunks = [];
    const write = side._write.bind(side);
    side._write = (chunk, encoding, done) => {
      chunks.push(chunk);
      write(chunk, encoding, done);
    };
    return chunks;
  });
  const server = await serve(far, [implement(Greeter, { greet: ({ name }) => ({ text: `Hello, ${name}!` }) })]);
  const channel = dial(near);
  const { greet } = channel.stub(Greeter);
  await greet({ name: "Ada" }, { timeoutMs });
  await greet({ name: "Ada" }, { timeoutMs });
  const [requests, replies] = caught.map((chunks) => Buffer.concat(chunks));
  await channel.close();
  await server.close();
  return { requests: readFrames(requests.subarray(requests.indexOf("SM\r\n\r\n") + 6)), replies: readFrames(replies) };
}

/** Frames of streams, in order (RFC 9113, section 4.1). */
function readFrames(bytes) {
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
    const stream = bytes.readUInt32BE(at + 5);
    const type = frameTypes[bytes[at + 3]];
    if (stream > 0 && type !== undefined)
      frames.push({ stream, type, body: bytes.subarray(at + frameHeaderBytes, end) });
    at = end;
  }
  return frames;
}

const ofCall = (frames, stream) => frames.filter((frame) => frame.stream === stream);
const hex = (bytes) => bytes.toString("hex").replace(/(..)(?=.)/g, "$1 ");
const listFrames = (frames) => frames.map(({ type, body }) => `${type} ${body.length}`).join(" + ");
const totalBytes = (frames) => frames.reduce((sum, { body }) => sum + frameHeaderBytes + body.length, 0);

/** What the call is at each layer: the layer's name, what it does on each side, what passes. */
function describeRows({ requests, replies }) {
  const [request, reply, nextRequest] = [ofCall(requests, 1), ofCall(replies, 1), ofCall(requests, 3)];
  const body = (frames) => frames.find(({ type }) => type === "DATA").body;
  const shortHex = (bytes) => (bytes.length > 12 ? `${hex(bytes.subarray(0, 10))} ...` : hex(bytes));
  const saved = `the next call's HEADERS: ${nextRequest[0].body.length} instead of ${request[0].body.length}`;
  return [
    {
      layer: "your program",
      near: "stub.greet(...)",
      far: "greet(...) { return ... }",
      over: '{ name: "Ada" }',
      back: '{ text: "Hello, Ada!" }',
    },
    {
      layer: "rpc",
      near: "deadline, connection, attempts",
      far: "finds the handler, keeps its time",
      over: `/demo.Greeter/Greet, ${timeoutMs} ms left`,
      back: "OK",
    },
    {
      layer: "grpc, marshal",
      near: "protobuf behind a prefix of 5 bytes",
      far: "the same, read",
      over: shortHex(body(request)),
      back: shortHex(body(reply)),
    },
    {
      layer: "http2",
      near: "frames, HPACK, flow control",
      far: "the same machine, other role",
      over: `${listFrames(request)} bytes`,
      back: `${listFrames(reply)} bytes`,
      note: saved,
    },
    {
      layer: "net",
      near: "one write a turn",
      far: "bytes as they come",
      over: `${totalBytes(request)} bytes`,
      back: `${totalBytes(reply)} bytes`,
      real: true,
    },
  ];
}

const escapeXml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const size = { width: 980, boxWidth: 262, boxHeight: 58, rowHeight: 86, top: 62, margin: 18 };
const colours = ["#e8eef9", "#e3f2ec", "#fdf1dc", "#f9e6e4", "#ece6f6"];

function text(x, y, words, style) {
  return `<text x="${x}" y="${y}" class="${style}">${escapeXml(words)}</text>`;
}

/** An arrow between the columns; dashed where one layer only seems to talk with its like. */
function arrow(y, towards, isReal) {
  const [left, right] = [size.margin + size.boxWidth + 8, size.width - size.margin - size.boxWidth - 8];
  const [from, to] = towards === "right" ? [left, right] : [right, left];
  return `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" class="${isReal ? "wire" : "seems"}" marker-end="url(#tip)"/>`;
}

function drawRow(row, index) {
  const y = size.top + index * size.rowHeight;
  const [left, right, middle] = [size.margin, size.width - size.margin - size.boxWidth, size.width / 2];
  const box = (x, words) => [
    `<rect x="${x}" y="${y}" width="${size.boxWidth}" height="${size.boxHeight}" rx="7" fill="${colours[index]}" class="box"/>`,
    text(x + size.boxWidth / 2, y + 24, row.layer, "layer"),
    text(x + size.boxWidth / 2, y + 44, words, index === 0 ? "code" : "does"),
  ];
  const steps = (x) =>
    index === 0
      ? []
      : [
          `<line x1="${x - 9}" y1="${y - 24}" x2="${x - 9}" y2="${y - 6}" class="step" marker-end="url(#tip)"/>`,
          `<line x1="${x + 9}" y1="${y - 6}" x2="${x + 9}" y2="${y - 24}" class="step" marker-end="url(#tip)"/>`,
        ];
  return [
    ...steps(left + size.boxWidth / 2),
    ...steps(right + size.boxWidth / 2),
    ...box(left, row.near),
    ...box(right, row.far),
    arrow(y + 21, "right", row.real),
    text(middle, y + 15, row.over, "code"),
    arrow(y + 50, "left", row.real),
    text(middle, y + 44, row.back, "code"),
    ...(row.note === undefined ? [] : [text(middle, y + 68, row.note, "note")]),
  ];
}

function draw(rows) {
  const height = size.top + rows.length * size.rowHeight + 8;
  const column = (x, title) => text(x + size.boxWidth / 2, 40, title, "title");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" font-family="ui-sans-serif, system-ui, 'DejaVu Sans', sans-serif">
<title>One call at each layer, on its way from the client's program to the server's and back</title>
<style>
.title { font-size: 17px; font-weight: 600; text-anchor: middle; fill: #1f2733 }
.layer { font-size: 15px; font-weight: 600; text-anchor: middle; fill: #1f2733 }
.does { font-size: 12.5px; text-anchor: middle; fill: #4a5568 }
.code { font-size: 12.5px; text-anchor: middle; fill: #1f2733; font-family: ui-monospace, 'DejaVu Sans Mono', monospace }
.note { font-size: 12px; text-anchor: middle; fill: #6b7280; font-style: italic }
.box { stroke: #aab4c4; stroke-width: 1 }
.seems { stroke: #9aa5b5; stroke-width: 1.3; stroke-dasharray: 5 4 }
.wire { stroke: #2f6f4f; stroke-width: 2.2 }
.step { stroke: #5b6676; stroke-width: 1.3 }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#4a5568"/></marker></defs>
<rect width="${size.width}" height="${height}" rx="12" fill="#ffffff"/>
${[column(size.margin, "client process"), column(size.width - size.margin - size.boxWidth, "server process")].join("\n")}
${rows.flatMap(drawRow).join("\n")}
</svg>
`;
}

const picture = draw(describeRows(await catchCalls()));
if (!process.argv.includes("--check")) writeFileSync(path, picture);
else if (readFileSync(path, "utf8") !== picture) {
  console.error("docs/one-call.svg is out of date: run node scripts/draw-one-call.mjs");
  process.exitCode = 1;
}
