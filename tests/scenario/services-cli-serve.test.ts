// `farcall serve` as users run it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { type CallError, type Channel, dial } from "farcall";
import { ReflectionClient } from "farcall/services";
import { certs } from "../support/certs/certs.ts";
import { makeFolder, runCli, startCli } from "../support/cli.ts";
import { Shop } from "../support/shop.ts";

const shopUrl = new URL("../support/shop.js", import.meta.url).href;
const shopModule = `import { createShop } from ${JSON.stringify(shopUrl)};\nexport default [createShop()];\n`;

/** Serves a module and waits until it listens. */
async function serveModule(context: TestContext, args: readonly string[], text = shopModule) {
  const folder = makeFolder(context, { "shop.mjs": text });
  const running = startCli(context, ["serve", join(folder, "shop.mjs"), ...args, "--json"]);
  const line = await running.nextLine();
  if (line === undefined) throw new Error((await running.finished).err);
  const { addresses, services } = JSON.parse(line) as { addresses: string[]; services: string[] };
  return { ...running, addresses, address: addresses[0] as string, services };
}

function dialUntilEnd(context: TestContext, address: string, options = {}): Channel {
  const channel = dial(address, options);
  context.after(() => channel.close());
  return channel;
}

test("a module's services are served, health and reflection with them, until a signal drains the server", async (context) => {
  const { child, finished, address, services } = await serveModule(context, ["--listen", "tcp://127.0.0.1:0"]);
  assert.deepEqual(services, [
    "shop.Shop",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
  ]);
  const channel = dialUntilEnd(context, address);
  assert.equal((await channel.stub(Shop).echo({ text: "a" })).text, "a");
  const client = new ReflectionClient(channel);
  assert.deepEqual((await client.listServices()).includes("grpc.health.v1.Health"), true);
  child.kill("SIGTERM");
  const { status, err } = await finished;
  assert.equal(status, 0);
  assert.match(err, /^draining: open calls have 5 s/);
});

test("open calls finish within --drain; a second signal ends them", async (context) => {
  for (const [args, signals] of [
    [["--drain", "100ms"], 1],
    [["--drain", "1m"], 2],
  ] as const) {
    const listen = ["--listen", "tcp://127.0.0.1:0"];
    const { child, finished, address } = await serveModule(context, [...listen, ...args]);
    const shop = dialUntilEnd(context, address).stub(Shop);
    await shop.echo({});
    const waiting = shop.wait({}).catch((error: CallError) => error);
    await shop.echo({});
    child.kill("SIGINT");
    if (signals === 2) {
      // The first one is heard when it says so.
      await new Promise((resolve) => child.stderr.once("data", resolve));
      child.kill("SIGINT");
    }
    assert.equal((await finished).status, 0);
    const error = await waiting;
    assert.equal((error as CallError).code, "UNAVAILABLE");
  }
});

test("what a handler throws is a CallError of the module's own farcall", async (context) => {
  const { address } = await serveModule(context, ["--listen", "tcp://127.0.0.1:0"]);
  const shop = dialUntilEnd(context, address).stub(Shop);
  await assert.rejects(shop.fail({}), (error: CallError) => error.code === "NOT_FOUND" && error.details.length === 2);
});

test("reflection is served by default where only this machine can ask, and as the options say", async (context) => {
  const folder = makeFolder(context, {});
  const unix = `unix:${join(folder, "s")}`;
  const reflects = async (...args: string[]) => {
    const { services, child, finished } = await serveModule(context, args);
    child.kill("SIGTERM");
    await finished;
    return services.some((name) => name.startsWith("grpc.reflection"));
  };
  assert.equal(await reflects("--listen", unix), true);
  assert.equal(await reflects("--listen", unix, "--no-reflection"), false);
  assert.equal(await reflects("--listen", "tcp://0.0.0.0:0", "--insecure"), false);
  assert.equal(await reflects("--listen", "tcp://0.0.0.0:0", "--insecure", "--reflection"), true);
});

test("a module that lists reflection itself gets it once", async (context) => {
  const text = `import { reflection } from "farcall/services";\n${shopModule.replace("createShop()]", "createShop(), reflection()]")}`;
  const { services } = await serveModule(context, ["-l", "tcp://127.0.0.1:0"], text);
  assert.equal(services.length, 3);
});

test("tls:// addresses take a certificate, and may ask for the client's", async (context) => {
  const folder = makeFolder(context, {
    "cert.pem": certs.server.cert,
    "key.pem": certs.server.key,
    "ca.pem": certs.authority.cert,
  });
  const [cert, key, ca] = ["cert.pem", "key.pem", "ca.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const { address } = await serveModule(context, [
    ...["--listen", "tls://127.0.0.1:0", "--cert", cert, "--key", key, "--client-ca", ca],
  ]);
  const trusting = { ca: certs.authority.cert };
  const known = dialUntilEnd(context, address, { tls: { ...trusting, ...certs.client } });
  assert.equal((await known.stub(Shop).echo({ n: 1 })).n, 1);
  const unknown = dialUntilEnd(context, address, { tls: trusting });
  await assert.rejects(unknown.stub(Shop).echo({}), (error: CallError) => error.code === "UNAVAILABLE");
});

test("certificate files that change are read again; what cannot be used is told and replaces nothing", async (context) => {
  const folder = makeFolder(context, { "cert.pem": certs.server.cert, "key.pem": certs.server.key });
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const listen = ["--listen", "tls://127.0.0.1:0", "--cert", cert, "--key", key];
  const { address, child } = await serveModule(context, listen);
  const told = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const echo = async (ca: string): Promise<string> => {
    const channel = dial(address, { tls: { ca } });
    const answer = await channel
      .stub(Shop)
      .echo({ text: "a" })
      .then(
        ({ text }) => text,
        ({ code }: CallError) => code,
      );
    await channel.close();
    return answer;
  };
  assert.equal(await echo(certs.authority.cert), "a");
  writeFileSync(cert, certs.otherIssuer.cert);
  assert.match(
    (await told.next()).value,
    /the key does not belong to the certificate \(.*the certificate before stays/,
  );
  assert.equal(await echo(certs.authority.cert), "a");
  writeFileSync(key, certs.otherIssuer.key);
  assert.match((await told.next()).value, /the certificate files have changed/);
  assert.deepEqual([await echo(certs.authority.cert), await echo(certs.stranger.cert)], ["UNAVAILABLE", "a"]);
});

test("a TypeScript module is served where Node runs it, else the error says what to do", async (context) => {
  const folder = makeFolder(context, {
    "shop.ts": shopModule.replace("export", "const x: number = 1; void x;\nexport"),
  });
  const running = startCli(context, ["serve", join(folder, "shop.ts"), "--listen", "tcp://127.0.0.1:0"]);
  if ("typescript" in process.features && process.features.typescript) {
    assert.match((await running.nextLine()) ?? "", /^serving at tcp:/);
    return;
  }
  const { status, err } = await running.finished;
  assert.equal(status, 1);
  assert.match(err, /is TypeScript, which Node 20\.\d+\.\d+ does not run .*compile it and name the \.js file/);
});

test("a misuse of serve is status 2, a failure is status 1, and both say what to do", async (context) => {
  const folder = makeFolder(context, {
    "empty.mjs": "export default [];",
    "named.mjs": "export const services = [];",
    "other.mjs": "export default [{}];",
    "shop.mjs": shopModule,
    "broken.mjs": "throw new Error('no database');",
  });
  const at = (name: string) => join(folder, name);
  const taken = await serveModule(context, ["--listen", "tcp://127.0.0.1:0"]);
  const local = ["--listen", "tcp://127.0.0.1:0"];
  const cases: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [[], 2, /name the module/],
    [[at("shop.mjs")], 2, /say where to listen: --listen tcp:\/\/127\.0\.0\.1:0/],
    [[at("shop.mjs"), "b", ...local], 2, /one module at a time/],
    [[at("shop.mjs"), "--listen", "nowhere"], 2, /bad address/],
    [[at("shop.mjs"), "--listen", "tcp://0.0.0.0:0"], 2, /plain text beyond this machine: use TLS, or --insecure/],
    [[at("shop.mjs"), "--listen", "tls://127.0.0.1:0"], 2, /a tls:\/\/ address needs --cert and --key/],
    [[at("shop.mjs"), ...local, "--cert", "x"], 2, /belong together/],
    [
      [at("shop.mjs"), ...local, "--cert", "x.pem", "--key", "y.pem"],
      1,
      /x\.pem cannot be read: there is no such file/,
    ],
    [[at("shop.mjs"), ...local, "--drain", "5"], 2, /--drain is a time such as 500ms/],
    [[at("shop.mjs"), ...local, "--reflection", "--no-reflection"], 2, /not both/],
    [[at("missing.mjs"), ...local], 1, /there is no such module/],
    [[at("empty.mjs"), ...local], 1, /no list of implementations for its default export/],
    [[at("named.mjs"), ...local], 1, /no list of implementations/],
    [[at("other.mjs"), ...local], 1, /no list of implementations/],
    [[at("broken.mjs"), ...local], 1, /broken\.mjs failed while it was loaded: Error: no database/],
    [[at("shop.mjs"), "--listen", taken.address], 1, /in use/],
  ];
  for (const [args, status, says] of cases) {
    const result = await runCli(context, ["serve", ...args]);
    assert.deepEqual([result.status, result.out], [status, ""], `${args.join(" ")}\n${result.err}`);
    assert.match(result.err, says);
  }
});

test("serve --help says how to use it", async (context) => {
  const { status, out } = await runCli(context, ["serve", "--help"]);
  assert.equal(status, 0);
  assert.match(out, /usage: farcall serve MODULE --listen ADDRESS/);
});
