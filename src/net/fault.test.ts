// Tests of faults: every code of the system that is known becomes one of ours, with the address and what to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEndpoint, type SocketFault } from "../host/index.ts";
import { type SocketAction, toSocketFault, unusableTls } from "./fault.ts";

const table: readonly (readonly [system: string, SocketAction, string, code: SocketFault["code"], hint: RegExp])[] = [
  [
    "ECONNREFUSED",
    "connect",
    "tcp://127.0.0.1:9",
    "refused",
    /nothing listens at tcp:\/\/127\.0\.0\.1:9; is the server running\?/,
  ],
  ["ENOENT", "connect", "unix:/run/s", "not-found", /no socket at unix:\/run\/s; is the server running\?/],
  ["ENOENT", "listen", "unix:/run/s", "not-found", /directory .* make it first/],
  ["EACCES", "listen", "tcp://0.0.0.0:80", "permission-denied", /port 80 .* needs root; use one above 1023/],
  ["EACCES", "listen", "unix:/run/s", "permission-denied", /listening at unix:\/run\/s is not permitted/],
  ["EACCES", "connect", "unix:/run/s", "permission-denied", /check the owner and mode/],
  ["EPERM", "connect", "tcp://10.0.0.1:80", "permission-denied", /not permitted/],
  ["EADDRINUSE", "listen", "tcp://0.0.0.0:8080", "address-in-use", /stop the other server or choose another/],
  ["EADDRNOTAVAIL", "listen", "tcp://10.9.9.9:80", "address-not-available", /not an address of this machine/],
  ["EADDRNOTAVAIL", "connect", "tcp://10.9.9.9:80", "address-not-available", /no way to/],
  [
    "ENOTFOUND",
    "connect",
    "tcp://nowhere.invalid:80",
    "name-not-found",
    /nowhere\.invalid.* is unknown; check its spelling/,
  ],
  ["EAI_AGAIN", "connect", "tcp://a.example:80", "name-not-found", /no name server answers/],
  ["ETIMEDOUT", "connect", "tcp://10.9.9.9:80", "timed-out", /does not answer/],
  ["EHOSTUNREACH", "connect", "tcp://10.9.9.9:80", "unreachable", /no way to the machine/],
  [
    "ENETUNREACH",
    "connect",
    "tcp://[2001:db8::1]:80",
    "unreachable",
    /no way to the network of tcp:\/\/\[2001:db8::1\]:80/,
  ],
  ["ECONNRESET", "use", "tcp://a:80", "reset", /the connection with tcp:\/\/a:80 was lost$/],
  ["ECONNRESET", "connect", "tcp://a:80", "reset", /was lost while it was opened/],
  ["EPIPE", "use", "unix:/run/s", "reset", /was lost/],
  ["EMFILE", "connect", "tcp://a:80", "too-many-open", /ulimit -n/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "connect", "tls://a:443", "tls-failed", /another name; .* serverName/],
  ["CERT_HAS_EXPIRED", "connect", "tls://a:443", "tls-failed", /expired/],
  ["SELF_SIGNED_CERT_IN_CHAIN", "connect", "tls://a:443", "tls-failed", /pass that one as ca/],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "use", "tls://a:443", "tls-failed", /set cert and key/],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "use", "tls://a:443", "tls-failed", /the authority that signed our certificate/],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED", "use", "tls://a:443", "tls-failed", /our certificate has expired/],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "use", "tls://a:443", "tls-failed", /it does not accept our certificate/],
  [
    "ERR_SSL_SOMETHING_NEW",
    "use",
    "tls://a:443",
    "tls-failed",
    /no secure connection with tls:\/\/a:443: what the system said/,
  ],
  ["EWHATEVER", "use", "tcp://a:80", "other", /use failed at tcp:\/\/a:80: what the system said/],
];

test("C6, P4, X3: what the system reports becomes a fault with a code, the address and what to do", () => {
  for (const [systemCode, action, address, code, hint] of table) {
    const error = Object.assign(new Error("what the system said"), { code: systemCode });
    const fault = toSocketFault(error, parseEndpoint(address, "connect"), action);
    assert.deepEqual([fault.code, fault.systemCode, fault.address], [code, systemCode, address]);
    assert.match(fault.message, hint);
    assert.equal(fault.cause, error);
  }
});

test("what is no system error, or a fault already, is kept", () => {
  const endpoint = parseEndpoint("tcp://a:80", "connect");
  const fault = toSocketFault("odd", endpoint, "use");
  assert.deepEqual(
    [fault.code, fault.systemCode, fault.message],
    ["other", undefined, "use failed at tcp://a:80: odd"],
  );
  assert.equal(toSocketFault(fault, endpoint, "use"), fault);
});

test("certificates and keys of ours that cannot be used are a fault that says what is wrong with them", () => {
  const rows = [
    ["ERR_OSSL_PEM_NO_START_LINE", "the files cannot be used: a certificate or key is no PEM text (-----BEGIN ...)"],
    ["ERR_OSSL_X509_KEY_VALUES_MISMATCH", "the files cannot be used: the key does not belong to the certificate"],
    ["ERR_OSSL_BAD_DECRYPT", "the files cannot be used: the key is encrypted; pass it decrypted"],
    ["ERR_OSSL_SOMETHING_NEW", "the files cannot be used: what the system said"],
  ] as const;
  for (const [systemCode, message] of rows) {
    const fault = unusableTls(Object.assign(new Error("what the system said"), { code: systemCode }), "the files");
    assert.deepEqual([fault.code, fault.systemCode, fault.message], ["tls-failed", systemCode, message]);
    assert.equal(unusableTls(fault, "another"), fault);
  }
});
