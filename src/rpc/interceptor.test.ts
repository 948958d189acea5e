// Tests of composing interceptors: the order, what next passes on, and answers in its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { composeInterceptors, type Interceptor } from "./interceptor.ts";

interface Call {
  readonly log: string[];
}

function noting(name: string): Interceptor<Call> {
  return async (call, next) => {
    call.log.push(`${name} in`);
    const answer = await next();
    call.log.push(`${name} out`);
    return answer;
  };
}

const last = (call: Call, request: unknown): string => {
  call.log.push(`call ${String(request)}`);
  return `answer to ${String(request)}`;
};

test("the first is outermost, and each goes on where the next has ended", async () => {
  const call: Call = { log: [] };
  const composed = composeInterceptors([noting("a"), noting("b"), noting("c")], last);
  assert.equal(await composed(call, 1), "answer to 1");
  assert.deepEqual(call.log, ["a in", "b in", "c in", "call 1", "c out", "b out", "a out"]);
});

test("next goes on with the request it is given, or with the one that came", async () => {
  const call: Call = { log: [] };
  const double: Interceptor<Call> = (_call, next) => next(2);
  const keep: Interceptor<Call> = (_call, next) => next();
  assert.equal(await composeInterceptors([keep, double, keep], last)(call, 1), "answer to 2");
});

test("an answer in the call's place ends it there", async () => {
  const call: Call = { log: [] };
  const cache: Interceptor<Call> = () => "from the cache";
  assert.equal(await composeInterceptors([noting("a"), cache, noting("b")], last)(call, 1), "from the cache");
  assert.deepEqual(call.log, ["a in", "a out"]);
});

test("next may be called again, in turn and at once", async () => {
  const call: Call = { log: [] };
  const twice: Interceptor<Call> = async (_call, next) => [await next(1), ...(await Promise.all([next(2), next(3)]))];
  assert.deepEqual(await composeInterceptors([twice], last)(call, 0), ["answer to 1", "answer to 2", "answer to 3"]);
});

test("what one throws passes through those around it", async () => {
  const call: Call = { log: [] };
  const broken: Interceptor<Call> = () => {
    throw new RangeError("broken");
  };
  const caught: Interceptor<Call> = async (_call, next) => {
    try {
      return await next();
    } catch (error) {
      return `caught ${String(error)}`;
    }
  };
  assert.equal(await composeInterceptors([caught, noting("a"), broken], last)(call, 1), "caught RangeError: broken");
  assert.deepEqual(call.log, ["a in"]);
});

test("without any, the call is what it was", () => {
  assert.equal(composeInterceptors<Call>([], last)({ log: [] }, 1), "answer to 1");
});
