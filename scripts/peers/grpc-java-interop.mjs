// grpc-java's own client and server of gRPC's interoperability tests: jars from Maven Central, run by the machine's Java.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, findProgram, installDebian, inTree, keep, kept, run } from "./workshop.mjs";

const pom = "scripts/peers/grpc-java-interop/pom.xml";
const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const folder = () => cacheFolder("grpc-java-interop", [pom], [plugin]);
const packages = ["default-jre-headless", "maven"];

/** The command line of a program that starts fast and shares the machine. */
function program(java, name) {
  const options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  return [java, ...options, "-cp", join(folder(), "lib/*"), `io.grpc.testing.integration.${name}`];
}

export const grpcJavaInterop = {
  name: "grpc-java-interop",
  title: "grpc-java interop",
  role: "tool",
  find() {
    const java = findProgram("java");
    const note = kept(folder());
    if (java === undefined || note === undefined) return undefined;
    const programs = { client: program(java, "TestServiceClient"), server: program(java, "TestServiceServer") };
    return { version: note.version, programs };
  },
  async bring(say) {
    const tools = ["java", "mvn"];
    if (!tools.every((name) => findProgram(name))) await installDebian(packages, "Java and Maven", say);
    if (kept(folder()) !== undefined) return;
    await keep(folder(), async (partial) => {
      say("downloads its jars");
      copyFileSync(inTree(pom), join(partial, "pom.xml"));
      const words = [`${plugin}:copy-dependencies`, `-DoutputDirectory=${join(partial, "lib")}`];
      await run("mvn", ["--batch-mode", "--quiet", ...words], { cwd: partial });
      return { version: /<version>(\d+\.\d+\.\d+)</.exec(readFileSync(inTree(pom), "utf8"))[1] };
    });
  },
};
