// Makes the certificates of the TLS tests anew: `node tests/support/certs/make.mjs`, with openssl. They prove nothing
// outside these tests: the keys are public. All but the expired one are valid from 2020 to 2120.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const scratch = mkdtempSync(join(tmpdir(), "farcall-certs-"));
const openssl = (...args) => execFileSync("openssl", args, { cwd: scratch, stdio: ["ignore", "ignore", "ignore"] });

// Only `openssl ca` can be told both ends of the validity, and it wants a small register of what it has issued.
writeFileSync(
  join(scratch, "ca.conf"),
  `[ca]
default_ca = register
[register]
database = register.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
`,
);
writeFileSync(join(scratch, "register.txt"), "");
writeFileSync(join(scratch, "serial.txt"), "1000\n");

function makeCertificate(name, { issuer, extension, until = "21200101000000Z" }) {
  openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.raw`);
  openssl("pkcs8", "-topk8", "-nocrypt", "-in", `${name}.raw`, "-out", `${name}.key`);
  openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
  writeFileSync(join(scratch, `${name}.ext`), `${extension}\n`);
  const signer = issuer === name ? ["-selfsign"] : ["-cert", `${issuer}.crt`];
  const validity = ["-startdate", "20200101000000Z", "-enddate", until];
  const files = ["-in", `${name}.csr`, "-extfile", `${name}.ext`, "-out", `${name}.crt`];
  openssl(
    "ca",
    "-batch",
    "-notext",
    "-config",
    "ca.conf",
    "-keyfile",
    `${issuer}.key`,
    ...signer,
    ...validity,
    ...files,
  );
}

const local = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
const authority = "basicConstraints=critical,CA:true";
makeCertificate("authority", { issuer: "authority", extension: authority });
makeCertificate("stranger", { issuer: "stranger", extension: authority });
makeCertificate("server", { issuer: "authority", extension: local });
makeCertificate("otherName", { issuer: "authority", extension: "subjectAltName=DNS:other.example" });
makeCertificate("otherIssuer", { issuer: "stranger", extension: local });
makeCertificate("client", { issuer: "authority", extension: "subjectAltName=URI:farcall:client" });
makeCertificate("renewed", { issuer: "authority", extension: local });
makeCertificate("renewedClient", { issuer: "authority", extension: "subjectAltName=URI:farcall:client" });
makeCertificate("expired", { issuer: "authority", extension: local, until: "20200102000000Z" });

const names = [
  "authority",
  "stranger",
  "server",
  "renewed",
  "otherName",
  "otherIssuer",
  "client",
  "renewedClient",
  "expired",
];
const entries = names.map((name) => {
  const text = (ending) => `\`${readFileSync(join(scratch, `${name}.${ending}`), "utf8")}\``;
  return `  ${name}: {\n    cert: ${text("crt")},\n    key: ${text("key")},\n  },\n`;
});
const head =
  "// Certificates with their private keys, for tests only: nothing else may trust them. Made by make.mjs; do not edit.\n\n";
writeFileSync(new URL("certs.ts", import.meta.url), `${head}export const certs = {\n${entries.join("")}};\n`);
rmSync(scratch, { recursive: true });
