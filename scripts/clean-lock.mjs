// Removes the download addresses from package-lock.json (npm's own switch for it loses optional packages of other
// platforms): run it after `npm install`, so that the lock file works with whatever registry its user has.
import { readFileSync, writeFileSync } from "node:fs";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
