// grpcio: a virtual environment with pinned packages; the code generated from probe.proto lies among them.
import { join } from "node:path";
import { cacheFolder, findProgram, inTree, keep, kept, PeerMissing, run } from "./workshop.mjs";

const requirements = "tests/interop/peers/python/requirements.txt";
const folder = () => cacheFolder("python", [requirements, "tests/interop/probe.proto"]);

const program = (file) => [join(folder(), "bin/python"), "-B", inTree(`tests/interop/peers/python/${file}`)];

/** The protocol compiler inside grpcio-tools, as a command; undefined until the peer is there. */
export function bundledProtoc() {
  return kept(folder()) && [join(folder(), "bin/python"), "-m", "grpc_tools.protoc"];
}

export const python = {
  name: "python",
  title: "grpcio",
  find() {
    const note = kept(folder());
    return (
      note && {
        version: note.version,
        programs: {
          probe: program("peer.py"),
          services: program("services.py"),
          protoc: [join(folder(), "bin/python"), "-B", inTree("tests/support/protoc/judge.py")],
        },
      }
    );
  },
  async bring(say) {
    const interpreter = findProgram("python3");
    if (!interpreter) throw new PeerMissing("there is no python3", "apt-get install python3-venv");
    await keep(folder(), async (partial) => {
      say("makes a virtual environment");
      await run(interpreter, ["-m", "venv", partial]).catch((cause) => {
        throw new PeerMissing(`python3 makes no virtual environment: ${cause.message}`, "apt-get install python3-venv");
      });
      const own = join(partial, "bin/python");
      say("installs grpcio, its services and tools, protobuf");
      await run(own, ["-m", "pip", "install", "--quiet", "--no-input", "-r", inTree(requirements)]);
      const packages = (await run(own, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])).trim();
      const outputs = [`--python_out=${packages}`, `--grpc_python_out=${packages}`];
      await run(own, ["-m", "grpc_tools.protoc", "-I", inTree("tests/interop"), ...outputs, "probe.proto"]);
      return { version: (await run(own, ["-c", "import grpc; print(grpc.__version__)"])).trim() };
    });
  },
};
