// Writes the table of figures in README.md from what `npm run bench -- unary --json FILE` measured:
// `node scripts/figures.mjs FILE`. A run that was measured beside a busy machine is refused.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/figures.mjs FILE, a file of npm run bench -- unary --json FILE");
  process.exit(2);
}
const readme = fileURLToPath(new URL("../README.md", import.meta.url));
const { machine, results } = JSON.parse(readFileSync(file, "utf8"));
const unary = results.find(({ name }) => name === "unary")?.data;
if (unary === undefined) fail(`${file} has no unary calls in it`);
const [alone, busy] = [1, 64].map((inFlight) => unary.levels.find(({ load }) => load.work === `${inFlight}`));
for (const { load, doubtful } of [alone, busy]) {
  if (doubtful > 0) fail(`${file}: ${doubtful} rounds at ${load.name} were measured beside a slow machine`);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

function median(level, side, figure) {
  const sorted = (level.measured[side] ?? []).map((one) => one[figure]).sort((one, other) => one - other);
  return sorted.length === 0 ? undefined : sorted[Math.floor(sorted.length / 2)];
}

const count = (value) => (value === undefined ? "-" : Math.round(value).toLocaleString("en"));
const times = (value, of) => (value === undefined ? "-" : `${formatRatio(value / of)} x`);
const formatRatio = (ratio) => (ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en"));
const ours = median(busy, "farcall", "callsPerSecond");
const rows = unary.sides
  .filter(({ name }) => busy.measured[name] !== undefined)
  .map(({ name, title, version }) => {
    const rate = median(busy, name, "callsPerSecond");
    const own = name === "farcall";
    const label = own ? `**${title}** ${version}` : `${title} ${version}`;
    const cells = [
      label,
      count(rate),
      own ? "" : times(ours, rate),
      count(median(alone, name, "p50Us")),
      count(median(alone, name, "p99Us")),
    ];
    return `| ${cells.join(" | ")} |`;
  });
const date = statSync(file).mtime.toISOString().slice(0, 10);
const each = `${busy.rounds} rounds of ${busy.load.countedMs / 1000} s`;
const table = `Unary calls with a small message, printed by \`npm run bench\` on ${date}: Node ${machine.node} on ${machine.cores} x ${machine.cpu}, server
and client each on a core of their own, the median of ${each}. "raw net" is Node's \`net\` with a length before the
same bytes: the limit for any of them.

| | calls/s, 64 in flight | Farcall is | p50 us, 1 in flight | p99 us |
|---|---:|---:|---:|---:|
${rows.join("\n")}
`;
const text = readFileSync(readme, "utf8");
const parts = /(<!-- figures begin -->\n).*(<!-- figures end -->)/s;
if (!parts.test(text)) fail("README.md has no place for figures");
writeFileSync(
  readme,
  text.replace(parts, (_, begin, end) => `${begin}${table}${end}`),
);
