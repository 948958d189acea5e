// gRPC C++: Debian's library, our programs built with -O2. It serves the interop matrix and the benchmark.
import { join } from "node:path";
import { cacheFolder, findProgram, installDebian, inTree, keep, kept, run } from "./workshop.mjs";

const home = "tests/interop/peers/cpp";
const headers = ["probe.h", "streams.h", "client.h", "streamcases.h"];
const probeParts = ["main", "server", "streams", "client", "streamcases", "endingcases"];
const sources = [...headers, ...[...probeParts, "bench"].map((name) => `${name}.cc`)].map((file) => `${home}/${file}`);
const protos = ["tests/interop/probe.proto", "bench/echo.proto"];
const folder = () => cacheFolder("cpp", [...sources, ...protos]);
const packages = [
  "g++",
  "pkg-config",
  "libgrpc++-dev",
  "libprotobuf-dev",
  "protobuf-compiler",
  "protobuf-compiler-grpc",
];

/** Whether the compiler, the library and the code generators are installed. */
async function hasTools() {
  for (const name of ["g++", "pkg-config", "protoc", "grpc_cpp_plugin"]) if (!findProgram(name)) return false;
  return run("pkg-config", ["--exists", "grpc++", "protobuf"]).then(
    () => true,
    () => false,
  );
}

/** Compiles the files two at a time: the compiler takes half a gigabyte for each. */
async function compileAll(files, cwd) {
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      await run("g++", ["-O2", "-std=c++17", "-I", cwd, "-I", inTree(home), "-c", file], { cwd });
    }
  };
  await Promise.all([worker(), worker()]);
}

export const cpp = {
  name: "cpp",
  title: "gRPC C++",
  find() {
    const note = kept(folder());
    const programs = { probe: [join(folder(), "probe")], bench: [join(folder(), "bench")] };
    return note && { version: note.version, programs };
  },
  async bring(say) {
    if (!(await hasTools())) await installDebian(packages, "gRPC C++ and its compiler", say);
    await keep(folder(), async (partial) => {
      const includes = ["-I", inTree("tests/interop"), "-I", inTree("bench")];
      const outputs = [`--cpp_out=${partial}`, `--grpc_out=${partial}`];
      const plugin = `--plugin=protoc-gen-grpc=${findProgram("grpc_cpp_plugin")}`;
      await run("protoc", [...includes, ...outputs, plugin, "probe.proto", "echo.proto"]);
      say("compiles the peer");
      const written = [...probeParts, "bench"].map((name) => inTree(`${home}/${name}.cc`));
      const generated = ["probe.pb.cc", "probe.grpc.pb.cc", "echo.pb.cc", "echo.grpc.pb.cc"];
      await compileAll([...written, ...generated], partial);
      const libraries = (await run("pkg-config", ["--libs", "grpc++", "protobuf"])).trim().split(/\s+/);
      const link = (name, objects) =>
        run("g++", ["-o", name, ...objects.map((object) => `${object}.o`), ...libraries], { cwd: partial });
      await link("probe", [...probeParts, "probe.pb", "probe.grpc.pb"]);
      await link("bench", ["bench", "echo.pb", "echo.grpc.pb"]);
      return { version: (await run(join(partial, "probe"), ["version"])).trim() };
    });
  },
};
