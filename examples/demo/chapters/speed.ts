// Example, demo: calls a second beside the socket's own, in turns in one run.
import { dial } from "farcall";
import { Lab, Text } from "../lab.ts";
import { dialRawEcho } from "../raw-echo.ts";
import { check } from "../stage.ts";
import type { World } from "../world.ts";

const inFlight = 64;
const rounds = 3;
const text = "Is anybody there?";

export async function showSpeed({ stage, tcp, rawPort, roundMs }: World): Promise<void> {
  stage.chapter(`Calls a second, ${inFlight} in flight`);
  const raw = dialRawEcho(rawPort);
  const body = Text.encode({ text });
  const channel = dial(tcp);
  const { echo } = channel.stub(Lab);
  const callRaw = async (): Promise<boolean> => (await raw.call(body)).length === body.length;
  const callFarcall = async (): Promise<boolean> => (await echo({ text })).text === text;
  // Not measured: the compiler at work.
  await callsPerSecond(callRaw, roundMs);
  await callsPerSecond(callFarcall, roundMs);
  let [rawBest, farcallBest] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    rawBest = Math.max(rawBest, await callsPerSecond(callRaw, roundMs));
    farcallBest = Math.max(farcallBest, await callsPerSecond(callFarcall, roundMs));
  }
  raw.close();
  await channel.close();
  const show = (rate: number): string => Math.round(rate).toLocaleString("en").padStart(9);
  stage.rows([
    ["a bare echo on Node's net", show(rawBest), "calls/s", "a length, then the body"],
    ["the same body as a gRPC call", show(farcallBest), "calls/s", "deadline, status, metadata"],
    ["the call costs", `${(rawBest / farcallBest).toFixed(1)} x`.padStart(9), "", "the bare echo"],
  ]);
  stage.say("The best of three rounds each, in turns. npm run bench measures with care, and beside other toolkits.");
}

/** The rate of callers that each wait for an answer before they call again. */
async function callsPerSecond(call: () => Promise<boolean>, roundMs: number): Promise<number> {
  const startedAt = performance.now();
  const endAt = startedAt + roundMs;
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < endAt) {
      check(await call(), "every echo is what was said");
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return calls / ((performance.now() - startedAt) / 1000);
}
