// Draws the guide's pictures: docs/failures.svg, docs/deadlines.svg, docs/backpressure.svg. `--check` only says whether
// they are up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ink = "#1f2733";
const soft = "#4a5568";
const tones = {
  calm: { fill: "#e3f2ec", edge: "#a7c4b8" },
  doubt: { fill: "#fdf0d5", edge: "#dcbf85" },
  done: { fill: "#dfe9fa", edge: "#a3b9dd" },
  plain: { fill: "#f4f5f7", edge: "#c9ced6" },
};

const escapeText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function text(x, y, words, { size = 13, color = ink, anchor = "middle", weight = 400 } = {}) {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${color}" text-anchor="${anchor}" font-weight="${weight}">${escapeText(words)}</text>`;
}

function box(x, y, width, height, tone) {
  const { fill, edge } = tones[tone];
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${edge}"/>`;
}

function arrow(x1, y1, x2, y2, dashed = false) {
  const dash = dashed ? ' stroke-dasharray="5 4"' : "";
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#5b6676" stroke-width="1.5"${dash} marker-end="url(#tip)"/>`;
}

function line(x1, y1, x2, y2, dashed = false) {
  const dash = dashed ? ' stroke-dasharray="5 4"' : "";
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#9aa3b2" stroke-width="1.2"${dash}/>`;
}

function picture(width, height, title, parts) {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-sans-serif, system-ui, 'DejaVu Sans', sans-serif">`,
    `<title>${escapeText(title)}</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#5b6676"/></marker></defs>',
    `<rect width="${width}" height="${height}" rx="12" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
  ].join("\n")}\n`;
}

/** The phases of a call, and the word that a failure in each has. */
function drawFailures() {
  const phases = [
    ["resolving", "the name"],
    ["connecting", "TCP, TLS, settings"],
    ["backoff", "pause, then again"],
    ["queued", "all connections full"],
    ["sending", "first byte to last"],
    ["sent", "handler at work"],
    ["streaming", "reply coming in"],
  ];
  const step = 124;
  const left = 24;
  const parts = [
    text(left, 34, "A call, from left to right. Where it fails decides what is known.", {
      anchor: "start",
      size: 15,
      weight: 600,
    }),
  ];
  phases.forEach(([name, about], index) => {
    const x = left + index * step;
    parts.push(box(x, 56, step - 14, 54, index < 4 ? "calm" : "doubt"));
    parts.push(
      text(x + (step - 14) / 2, 79, name, { weight: 600 }),
      text(x + (step - 14) / 2, 98, about, { size: 10.5, color: soft }),
    );
    if (index > 0) parts.push(arrow(x - 14, 83, x - 2, 83));
  });
  const right = left + phases.length * step - 14;
  const edge = left + 4 * step - 7;
  parts.push(
    line(edge, 46, edge, 232, true),
    text(edge, 252, "the first byte leaves here", { size: 11.5, color: soft }),
  );
  const rows = [
    [126, left, edge - 7, "calm", "not-executed: no byte of it has left, and none will"],
    [126, edge + 7, right, "doubt", "unknown: a deadline, a cancellation, a lost connection"],
    [162, edge + 7, right, "calm", "not-executed: the server refused it unread, or says so"],
    [198, edge + 7, right, "done", "executed: the handler's own answer, failure or reply"],
  ];
  for (const [y, from, to, tone, words] of rows) {
    parts.push(box(from, y, to - from, 28, tone), text((from + to) / 2, y + 19, words, { size: 12 }));
  }
  return picture(right + 24, 272, "The phases of a call and the word of a failure in each", parts);
}

/** A call of 500 ms and the calls made within it. */
function drawDeadlines() {
  const left = 150;
  const scale = 1.1;
  const at = (ms) => left + ms * scale;
  const calls = [
    ["client", "order", 0, 500, "500 ms"],
    ["shop", "reserve", 60, 500, "440 ms left"],
    ["stock", "find", 130, 500, "370 ms left"],
    ["prices", "get", 200, 350, "own timeoutMs: 150"],
  ];
  const parts = [
    text(24, 34, "Time is handed down, never added to", { anchor: "start", size: 15, weight: 600 }),
    line(at(500), 50, at(500), 232, true),
    text(at(500), 252, "the deadline: all that is left ends here, on every machine", {
      size: 11.5,
      color: soft,
      anchor: "end",
    }),
  ];
  calls.forEach(([machine, name, from, to, words], index) => {
    const y = 58 + index * 42;
    parts.push(text(left - 14, y + 20, `${machine}: ${name}`, { anchor: "end" }));
    parts.push(box(at(from), y, (to - from) * scale, 30, index === 3 ? "done" : "calm"));
    parts.push(text(at(from) + 12, y + 20, words, { anchor: "start", size: 12 }));
    if (index > 0) parts.push(arrow(at(from) - 16, y - 8, at(from) - 2, y + 6));
  });
  return picture(at(500) + 40, 268, "A deadline passes from call to call", parts);
}

/** How a slow reader holds a fast writer. */
function drawBackpressure() {
  const stations = [
    ["handler", "yield waits", "doubt"],
    ["its connection", "no credit left", "plain"],
    ["network", "nothing moves", "plain"],
    ["client's queue", "full", "plain"],
    ["for await", "takes one, slowly", "calm"],
  ];
  const step = 146;
  const parts = [
    text(24, 34, "A slow reader holds a fast writer, through every layer", { anchor: "start", size: 15, weight: 600 }),
  ];
  stations.forEach(([name, about, tone], index) => {
    const x = 24 + index * step;
    parts.push(box(x, 62, step - 26, 56, tone));
    parts.push(
      text(x + (step - 26) / 2, 86, name, { weight: 600 }),
      text(x + (step - 26) / 2, 105, about, { size: 11, color: soft }),
    );
    if (index > 0) parts.push(arrow(x - 26, 80, x - 3, 80), arrow(x - 3, 102, x - 26, 102, true));
  });
  const right = 24 + stations.length * step - 26;
  parts.push(
    text(right, 148, "solid: messages; dashed: credit, given back as the reader takes a message", {
      size: 11.5,
      color: soft,
      anchor: "end",
    }),
  );
  return picture(right + 24, 168, "Backpressure from the reader to the writer", parts);
}

const pictures = { failures: drawFailures, deadlines: drawDeadlines, backpressure: drawBackpressure };
for (const [name, draw] of Object.entries(pictures)) {
  const path = fileURLToPath(new URL(`../docs/${name}.svg`, import.meta.url));
  if (!process.argv.includes("--check")) writeFileSync(path, draw());
  else if (readFileSync(path, "utf8") !== draw()) {
    console.error(`docs/${name}.svg is out of date: node scripts/draw-guide.mjs`);
    process.exitCode = 1;
  }
}
