// Draws docs/layers.svg: the layers and who imports whom, from the real imports of `src`. An arrow that follows from others is
// left out. `--check` only says whether the picture is up to date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src/", import.meta.url));
const path = fileURLToPath(new URL("../docs/layers.svg", import.meta.url));

/** Where each layer stands, in columns from the left and rows from the ground; what it is; whether it knows Node. */
const places = {
  "index.ts": { at: [2.6, 5], words: "dial and serve", kind: "node" },
  "runtime.ts": { at: [2.6, 4], words: "on any machine", kind: "pure" },
  "protocols/grpc": { at: [2.45, 3], words: "calls as messages", kind: "pure" },
  services: { at: [3.6, 3], words: "health", kind: "pure" },
  otel: { at: [1.3, 3], words: "telemetry", kind: "pure" },
  http2: { at: [0.75, 2], words: "frames, HPACK, credit", kind: "pure" },
  rpc: { at: [2.6, 2], words: "channels, servers, calls", kind: "pure" },
  cli: { at: [4.25, 2], words: "farcall gen", kind: "node" },
  framing: { at: [0, 1], words: "messages in a stream", kind: "pure" },
  http: { at: [1.2, 1], words: "the exchange", kind: "pure" },
  marshal: { at: [3, 1], words: "protobuf", kind: "pure" },
  "well-known": { at: [3.9, 4], words: "Timestamp, Any", kind: "pure" },
  sim: { at: [5.45, 1], words: "a simulated machine", kind: "pure" },
  net: { at: [6.5, 1], words: "this machine", kind: "node" },
  bytes: { at: [1.2, 0], words: "readers, writers, text", kind: "pure" },
  idl: { at: [4.25, 0], words: "contracts", kind: "pure" },
  host: { at: [5.95, 0], words: "what a machine is", kind: "pure" },
};
/** Entry files that stand for a layer: what imports them means that one. */
const entries = { "gen.ts": "marshal", "idl.ts": "marshal" };

function layerOf(file) {
  const [folder, second] = file.split("/");
  const layer = folder === "protocols" ? `${folder}/${second}` : folder;
  return entries[layer] ?? layer;
}

/** layer -> the layers it imports. */
function readImports() {
  const imports = new Map();
  const files = readdirSync(src, { recursive: true }).filter((file) => /(?<!\.test)\.ts$/.test(file));
  for (const file of files.filter((name) => entries[name] === undefined)) {
    const from = layerOf(file);
    for (const [, specifier] of readFileSync(src + file, "utf8").matchAll(
      /^(?:import|export)\b[^;]*? from "(\.[^"]+)"/gms,
    )) {
      const to = layerOf(new URL(specifier, `file:///${file}`).pathname.slice(1));
      if (to !== from) imports.set(from, (imports.get(from) ?? new Set()).add(to));
    }
    if (!imports.has(from)) imports.set(from, new Set());
  }
  const strangers = [...imports.keys()].filter((layer) => places[layer] === undefined);
  if (strangers.length > 0) throw new Error(`give ${strangers.join(", ")} a place in scripts/draw-layers.mjs`);
  return imports;
}

/** Without the arrows that others imply. */
function reduce(imports) {
  const reaches = (from, to) => [...imports.get(from)].some((next) => next === to || reaches(next, to));
  return [...imports].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
      .map((to) => ({ from, to })),
  );
}

const size = { column: 148, row: 92, boxWidth: 140, boxHeight: 50, left: 86, top: 40, rows: 6, width: 1140 };

function centre(layer) {
  const [column, row] = places[layer].at;
  return { x: size.left + column * size.column, y: size.top + (size.rows - 1 - row) * size.row + size.boxHeight / 2 };
}

function drawArrow({ from, to }) {
  const [start, end] = [centre(from), centre(to)];
  const [y1, y2] = [start.y + size.boxHeight / 2, end.y - size.boxHeight / 2 - 3];
  // Towards the side that the arrow comes from, so that arrows into one box stay apart.
  const lean = Math.max(-40, Math.min(40, (end.x - start.x) / 6));
  return `<line x1="${start.x + lean}" y1="${y1}" x2="${end.x - lean}" y2="${y2}" class="arrow" marker-end="url(#tip)"/>`;
}

function drawBox([layer, { words, kind }]) {
  const { x, y } = centre(layer);
  return [
    `<rect x="${x - size.boxWidth / 2}" y="${y - size.boxHeight / 2}" width="${size.boxWidth}" height="${size.boxHeight}" rx="7" class="${kind}"/>`,
    `<text x="${x}" y="${y - 4}" class="layer">${layer.replace(".ts", "")}</text>`,
    `<text x="${x}" y="${y + 14}" class="does">${words}</text>`,
  ].join("\n");
}

function draw(imports) {
  const height = size.top + size.rows * size.row;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" font-family="ui-sans-serif, system-ui, 'DejaVu Sans', sans-serif">
<title>The layers of Farcall and which imports which</title>
<style>
.layer { font-size: 14px; font-weight: 600; text-anchor: middle; fill: #1f2733 }
.does { font-size: 11px; text-anchor: middle; fill: #4a5568 }
.legend { font-size: 12px; fill: #4a5568 }
.pure { fill: #e3f2ec; stroke: #a7c4b8 }
.node { fill: #ece6f6; stroke: #b9add1 }
.arrow { stroke: #77839a; stroke-width: 1.4 }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#5b6676"/></marker></defs>
<rect width="${size.width}" height="${height}" rx="12" fill="#ffffff"/>
${reduce(imports).map(drawArrow).join("\n")}
${Object.entries(places).map(drawBox).join("\n")}
<rect x="16" y="24" width="14" height="14" rx="3" class="pure"/><text x="38" y="35" class="legend">pure: no IO, no clock, no chance of its own</text>
<rect x="16" y="46" width="14" height="14" rx="3" class="node"/><text x="38" y="57" class="legend">knows Node</text>
<text x="16" y="79" class="legend">an arrow: imports, and all that is below it</text>
</svg>
`;
}

const picture = draw(readImports());
if (!process.argv.includes("--check")) writeFileSync(path, picture);
else if (readFileSync(path, "utf8") !== picture) {
  console.error("docs/layers.svg is out of date: run node scripts/draw-layers.mjs");
  process.exitCode = 1;
}
