// Makes a package-lock.json the same wherever it was written; run it after `npm install`. `node scripts/clean-lock.mjs [FILE]`.
// Download addresses go (each user's own registry is asked), and optional packages for other platforms that a partial
// registry did not show are entered again, because `npm ci` refuses a lock file that lacks one.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2] ?? "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
const found = (name, from) => lock.packages[`${from}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
for (const [path, entry] of Object.entries(lock.packages)) {
  delete entry.resolved;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (found(name, path) !== undefined) continue;
    const os = /android|darwin|linux|win32|freebsd|netbsd|openbsd|openharmony|sunos|aix/.exec(name)?.[0];
    const cpu = /arm64|arm|x64|ia32|ppc64|s390x|riscv64|loong64|mips64el|wasm32/.exec(name)?.[0];
    const platform = { ...(cpu && { cpu: [cpu] }), dev: true, optional: true, ...(os && { os: [os] }) };
    lock.packages[`node_modules/${name}`] = { version, ...platform };
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
