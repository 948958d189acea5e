// h2spec on our server, in clear and over TLS, strict and with all limits on; and how its reports are read. Our client, which
// takes h2specd longer, is judged by `npm run conformance:h2spec`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { complaintsOf, parseReport, type Report, runH2spec } from "./http2/h2spec.ts";
import { waived } from "./http2/waived.ts";

const peer = findPeer("http2-judges");

for (const transport of ["clear", "tls"] as const) {
  test(`h2spec finds no fault in our server (${transport})`, async (t) => {
    if (!needsPeer(peer, t)) return;
    const report = await runH2spec(peer, transport);
    assert.deepEqual(complaintsOf("h2spec", report, waived), [], report.summary);
  });
}

const printed = `Generic tests for HTTP/2 client
  1. Starting HTTP/2
      1: Sends something    × 1: Sends something
Failures: 

Generic tests for HTTP/2 client
  5. Streams and Multiplexing
    5.1. Stream States
      × 8: closed: Sends a DATA frame
        -> The endpoint MUST treat this as a connection error.
           Expected: GOAWAY Frame (Error Code: STREAM_CLOSED)
             Actual: RST_STREAM Frame (length:4, flags:0x00, stream_id:1)
    6.1. DATA
      × 1: Sends DATA

HPACK: Header Compression for HTTP/2
  2. Compression Process Overview
    2.3. Indexing Tables
      2.3.3. Index Address Space
          × 1: Sends an index

Finished in 63.4445 seconds
57 tests, 54 passed, 0 skipped, 3 failed
accept tcp 127.0.0.1:21054: use of closed network connection
`;

test("failures are read by their sections, with what was expected of them", () => {
  const report = parseReport(printed);
  assert.equal(report.summary, "57 tests, 54 passed, 0 skipped, 3 failed");
  assert.deepEqual([...report.failed.keys()], ["client/5.1/8", "client/6.1/1", "hpack/2.3.3/1"]);
  assert.match(report.failed.get("client/5.1/8") ?? "", /Actual: RST_STREAM/);
});

test("a report without a summary, or with another number of failures than it lists, is none", () => {
  assert.throws(() => parseReport("Error: no such host"), /no summary .*no such host/s);
  assert.throws(() => parseReport(printed.replace("3 failed", "4 failed")), /3 failures are listed/);
  assert.equal(parseReport("146 tests, 146 passed, 0 skipped, 0 failed\n").failed.size, 0);
});

test("cases that fail, are skipped or missing, or pass though waived are complained of", () => {
  const report: Report = { ...parseReport(printed), total: 56, skipped: 1 };
  const reason = "why";
  const list = [
    { judge: "h2specd", name: "client/5.1/8", reason },
    { judge: "h2specd", name: "client/9.9/9", reason },
    { judge: "h2spec", name: "client/6.1/1", reason },
  ] as const;
  const said = complaintsOf("h2specd", report, list).map((line) => line.split("\n")[0]);
  assert.deepEqual(said, [
    "56 cases ran, not 57",
    "1 cases were skipped: our side has not what they need",
    "client/6.1/1 failed: Sends DATA",
    "hpack/2.3.3/1 failed: Sends an index",
    "client/9.9/9 passes now: take it off the list of waived cases",
  ]);
});
