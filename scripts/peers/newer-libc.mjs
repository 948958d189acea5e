// Programs that want a newer glibc than the system's (2.38) are started through the loader of Debian 13, which is unpacked
// in the cache and touches nothing else. Every recipe that needs it shares one copy.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, findProgram, keep, kept, PeerMissing, run } from "./workshop.mjs";

const suite = "trixie";
/** The release's own versions; Debian's revision of them is noted when they are brought. */
const packages = { libc6: "2.41", "libstdc++6": "14.2", "libgcc-s1": "14.2" };
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const elsewhere = "run it on a system with glibc 2.38: Debian 13, Ubuntu 24.04, Fedora 39, or later";

const folder = () => cacheFolder("newer-libc", [], [suite, JSON.stringify(packages)]);

/**
 * How a program starts here: `starts(loader)` tries it behind some words, with none first, then with the loader's. Returns
 * { loader, glibc }, `glibc` being undefined where the system's own will do; undefined when neither way does.
 */
export function findLoader(starts) {
  if (starts([])) return { loader: [], glibc: undefined };
  const note = kept(folder());
  if (note === undefined) return undefined;
  const libraries = join(folder(), "root/usr/lib/x86_64-linux-gnu");
  const loader = [join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries];
  return starts(loader) ? { loader, glibc: note.glibc } : undefined;
}

/** Brings the loader and its libraries, unless they are there. */
export async function bringLoader(say) {
  if (kept(folder()) !== undefined) return;
  for (const tool of ["apt-get", "dpkg-deb"]) {
    if (!findProgram(tool)) throw new PeerMissing(`glibc is too old, and there is no ${tool}`, elsewhere);
  }
  if (!existsSync(keyring)) {
    throw new PeerMissing(`glibc is too old, and ${keyring} is missing`, "apt-get install debian-archive-keyring");
  }
  await keep(folder(), async (partial) => ({ glibc: await unpack(partial, say) }));
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
async function unpack(partial, say) {
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
