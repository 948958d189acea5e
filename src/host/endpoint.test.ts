// Tests of addresses: what is taken, how it prints, and what every refused one is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AddressError, type AddressUse, checkEndpoint, formatEndpoint, isLoopback, parseEndpoint } from "./endpoint.ts";

const taken: readonly (readonly [text: string, canonical: string, use?: AddressUse])[] = [
  ["tcp://128.143.22.36:80", "tcp://128.143.22.36:80"],
  ["tcp://216.58.217.69:443", "tcp://216.58.217.69:443"],
  ["tls://[2607:f8b0:4004:80b::2005]:443", "tls://[2607:f8b0:4004:80b::2005]:443"],
  ["TCP://LocalHost:1", "tcp://localhost:1"],
  ["udp://example.com.:53", "udp://example.com.:53"],
  ["tcp://my_service-1.internal:65535", "tcp://my_service-1.internal:65535"],
  ["tcp://[0:0:0:0:0:0:0:1]:80", "tcp://[::1]:80"],
  ["tcp://[::]:0", "tcp://[::]:0", "listen"],
  ["tcp://0.0.0.0:0", "tcp://0.0.0.0:0", "listen"],
  ["tcp://[2001:DB8:0:0:1:0:0:1]:80", "tcp://[2001:db8::1:0:0:1]:80"],
  ["tcp://[2001:db8:0:1:1:1:1:1]:80", "tcp://[2001:db8:0:1:1:1:1:1]:80"],
  ["tcp://[::ffff:7f00:1]:80", "tcp://[::ffff:127.0.0.1]:80"],
  ["tcp://[64:ff9b::1.2.3.4]:80", "tcp://[64:ff9b::102:304]:80"],
  ["tcp://[1::]:80", "tcp://[1::]:80"],
  ["tcp://[fe80::1%eth0]:80", "tcp://[fe80::1%eth0]:80"],
  ["unix:/run/farcall.sock", "unix:/run/farcall.sock"],
  ["unix:///run/farcall.sock", "unix:/run/farcall.sock"],
  ["unix:./farcall.sock", "unix:./farcall.sock"],
  ["unix:../a?b#c@d", "unix:../a?b#c@d"],
  ["unix:@/tmp/.X11-unix/X0", "unix:@/tmp/.X11-unix/X0"],
  [`unix:@${"é".repeat(53)}`, `unix:@${"é".repeat(53)}`],
  ["memory:Directories-1", "memory:Directories-1"],
  ["memory:12", "memory:12"],
];

const refused: readonly (readonly [text: string, code: string, hint: RegExp, use?: AddressUse])[] = [
  ["", "missing-scheme", /begin it with tcp:\/\//],
  ["localhost:50051", "missing-scheme", /write tcp:\/\/localhost:50051/],
  ["127.0.0.1:80", "missing-scheme", /write tcp:\/\/127\.0\.0\.1:80/],
  ["/run/farcall.sock", "missing-scheme", /unix:/],
  ["tcp:localhost:80", "missing-scheme", /write tcp:\/\/host:port/],
  ["http://localhost:80", "unknown-scheme", /write tcp:\/\//],
  ["https://localhost:80", "unknown-scheme", /write tls:\/\//],
  ["dns:///localhost:80", "unknown-scheme", /known are tcp:\/\//],
  ["tcp://localhost", "bad-port", /port is missing/],
  ["tcp://localhost:", "bad-port", /port is missing/],
  ["tcp://[::1]", "bad-port", /port is missing/],
  ["tcp://[::1]80", "bad-port", /no : before/],
  ["tcp://localhost:-1", "bad-port", /"-1" is not a port/],
  ["tcp://localhost:65536", "bad-port", /65536 is over 65535/],
  ["tcp://localhost:1.5", "bad-port", /"1\.5" is not a port/],
  ["tcp://localhost:80x", "bad-port", /"80x" is not a port/],
  ["tcp://localhost:+80", "bad-port", /not a port/],
  ["tcp://localhost:080", "bad-port", /not a port/],
  ["tcp://localhost: 80", "bad-port", /not a port/],
  ["tcp://localhost:80\n", "bad-port", /not a port/],
  ["tcp://localhost:https", "bad-port", /not a port/],
  ["tcp://localhost:0", "bad-port", /port the server listens on/],
  ["tcp://:80", "bad-host", /host is empty/],
  ["tcp://:80", "bad-host", /0\.0\.0\.0 or \[::\]/, "listen"],
  ["tcp://*:80", "bad-host", /0\.0\.0\.0 or \[::\]/, "listen"],
  ["tcp://::1:80", "bad-host", /needs brackets/],
  ["tcp://[::1:80", "bad-host", /not closed/],
  ["tcp://[]:80", "bad-host", /no IPv6/],
  ["tcp://[127.0.0.1]:80", "bad-host", /no IPv6/],
  ["tcp://[1:2:3:4:5:6:7]:80", "bad-host", /no IPv6/],
  ["tcp://[1:2:3:4:5:6:7:8:9]:80", "bad-host", /no IPv6/],
  ["tcp://[1:2:3:4::5:6:7:8]:80", "bad-host", /no IPv6/],
  ["tcp://[1::2::3]:80", "bad-host", /no IPv6/],
  ["tcp://[:1]:80", "bad-host", /no IPv6/],
  ["tcp://[12345::]:80", "bad-host", /no IPv6/],
  ["tcp://[1.2.3.4::]:80", "bad-host", /no IPv6/],
  ["tcp://[::1.2.3.256]:80", "bad-host", /no IPv6/],
  ["tcp://[fe80::1%]:80", "bad-host", /no IPv6/],
  ["tcp://256.0.0.1:80", "bad-host", /four numbers/],
  ["tcp://1.2.3:80", "bad-host", /four numbers/],
  ["tcp://1.2.3.4.5:80", "bad-host", /four numbers/],
  ["tcp://127.0.0.01:80", "bad-host", /leading zeros/],
  ["tcp://0x7f000001:80", "bad-host", /four numbers/],
  ["tcp://-a.com:80", "bad-host", /not a host name/],
  ["tcp://a..b:80", "bad-host", /not a host name/],
  ["tcp://bücher.example:80", "bad-host", /xn--/],
  [`tcp://${"a".repeat(64)}:80`, "bad-host", /not a host name/],
  ["tcp://user@localhost:80", "unexpected-part", /names a user/],
  ["tcp://localhost:80/", "unexpected-part", /end it after the port/],
  ["tcp://localhost:80?x=1", "unexpected-part", /"\?x=1"/],
  ["tcp://localhost:80#x", "unexpected-part", /"#x"/],
  ["unix:", "bad-path", /empty/],
  ["unix:@", "bad-path", /empty/],
  ["unix:farcall.sock", "bad-path", /write unix:\.\/farcall\.sock/],
  ["unix://host/farcall.sock", "bad-path", /names a host/],
  ["unix:/run/", "bad-path", /directory/],
  ["unix:/run/a\0b", "bad-path", /zero character/],
  ["unix:/run/\ud800", "bad-path", /surrogate/],
  [`unix:/${"a".repeat(107)}`, "bad-path", /108 bytes and may have 107/],
  [`unix:@${"é".repeat(54)}`, "bad-path", /108 bytes and may have 107/],
  ["memory:", "bad-name", /empty/],
  ["memory:a b", "bad-name", /letters/],
];

test("N9: addresses parse, print in canonical form and round-trip", () => {
  for (const [text, canonical, use] of taken) {
    const endpoint = parseEndpoint(text, use ?? "connect");
    assert.equal(formatEndpoint(endpoint), canonical, text);
    assert.deepEqual(parseEndpoint(canonical, use ?? "connect"), endpoint, text);
    checkEndpoint(endpoint, use ?? "connect");
  }
});

test("N9, P1: a malformed address is refused with a code, the reason and what to write instead", () => {
  for (const [text, code, hint, use] of refused) {
    assert.throws(
      () => parseEndpoint(text, use ?? "connect"),
      (error) => {
        assert.ok(error instanceof AddressError, text);
        assert.deepEqual([error.code, error.text], [code, text]);
        assert.match(error.message, hint, text);
        assert.ok(error.message.includes(error.reason) && error.message.includes(error.fix));
        return true;
      },
      text,
    );
  }
});

test("P1: a port is a whole number from 0 to 65535, and 0 is one only for listening", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65535 }), (port) => {
      assert.deepEqual(parseEndpoint(`tcp://a:${port}`, "connect"), { kind: "tcp", host: "a", port });
    }),
    { seed: 1 },
  );
  assert.deepEqual(parseEndpoint("tcp://a:0", "listen"), { kind: "tcp", host: "a", port: 0 });
  for (const port of [-1, 65536, 1.5, Number.NaN, 1e21]) {
    assert.throws(() => checkEndpoint({ kind: "tcp", host: "a", port }, "listen"), { code: "bad-port" });
  }
});

test("N9: every IPv6 address round-trips through its canonical text", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const plain = `tcp://[${groups.map((value) => value.toString(16)).join(":")}]:80`;
      const endpoint = parseEndpoint(plain, "connect");
      const canonical = formatEndpoint(endpoint);
      assert.deepEqual(parseEndpoint(canonical, "connect"), endpoint);
      // The URL parser of the platform also prints RFC 5952, but for IPv4-mapped addresses.
      if (!canonical.includes("ffff:") || !canonical.includes(".")) {
        assert.equal(
          canonical.replace("tcp:", "http:"),
          `http://${new URL(plain.replace("tcp:", "http:")).hostname}:80`,
        );
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("text that is no address makes the parser throw an AddressError and nothing else", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("tcp://", "unix:", "memory:", "[", "]", ":", "::1", "%", "80", "@", "/"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      try {
        const endpoint = parseEndpoint(pieces.join(""), "listen");
        assert.deepEqual(parseEndpoint(formatEndpoint(endpoint), "listen"), endpoint);
      } catch (error) {
        assert.ok(error instanceof AddressError, String(error));
      }
    }),
    { seed: 3, numRuns: 2000 },
  );
});

test("loopback is 127/8, ::1, localhost, Unix-domain and memory endpoints, and nothing else", () => {
  const inside = ["tcp://127.0.0.1:1", "tcp://127.255.255.255:1", "tcp://[::1]:1", "tcp://[::ffff:127.0.0.1]:1"];
  inside.push("tls://localhost:1", "unix:/a", "unix:@a", "memory:a");
  const outside = ["tcp://126.255.255.255:1", "tcp://128.0.0.1:1", "tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://[::2]:1"];
  outside.push("tcp://[::ffff:126.0.0.1]:1", "tcp://localhost.example:1", "tcp://127.example:1", "tcp://[1::1]:1");
  for (const text of inside) assert.equal(isLoopback(parseEndpoint(text, "connect")), true, text);
  for (const text of outside) assert.equal(isLoopback(parseEndpoint(text, "connect")), false, text);
  assert.equal(isLoopback({ kind: "duplex" }), false);
});
