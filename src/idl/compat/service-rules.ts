// IDL layer, compatibility: services and their methods: what a call is, what it carries, and what its contract promises about
// repeating it and about its deadline.
import type { MethodDescriptor, ServiceDescriptor } from "../descriptor.ts";
import { callDefaultsOf, methodOptionName } from "../rpc-options.ts";
import { type Breach, codeOnly, everywhere, type Rule } from "./rule.ts";

export const serviceRules: readonly Rule<ServiceDescriptor>[] = [
  {
    code: "method-removed",
    about: "a method is removed",
    levels: codeOnly("RPC_NO_DELETE"),
    *find({ old, now }) {
      for (const method of old.methods) {
        if (now.methods.some(({ name }) => name === method.name)) continue;
        yield {
          subject: `${old.fullName}.${method.name}`,
          file: now.file.name,
          change: `the method ${old.fullName}.${method.name} is gone`,
          advice:
            "calls of old clients end with UNIMPLEMENTED, and programs that use it no longer build: keep it, marked deprecated, until nobody calls it",
          old: { declaration: method },
          now: { declaration: now },
        };
      }
    },
  },
];

function breachOf(
  old: MethodDescriptor,
  now: MethodDescriptor,
  { change, advice, option }: Pick<Breach, "change" | "advice"> & { readonly option?: string },
): Breach {
  const subject = `${old.service.fullName}.${old.name}`;
  return {
    subject,
    file: now.service.file.name,
    change: `${subject} ${change}`,
    advice,
    old: { declaration: old, option },
    now: { declaration: now, option },
  };
}

function callKind({ clientStreaming, serverStreaming }: MethodDescriptor): string {
  if (clientStreaming) return serverStreaming ? "a stream both ways" : "client streaming";
  return serverStreaming ? "server streaming" : "unary";
}

/** One message where several are awaited, or the reverse. */
function streamingRule(side: "client" | "server"): Rule<MethodDescriptor> {
  const property = `${side}Streaming` as const;
  return {
    code: `method-${side}-streaming-changed`,
    about:
      side === "client"
        ? "a request becomes a stream, or no longer is one"
        : "a reply becomes a stream, or no longer is one",
    levels: everywhere(`RPC_SAME_${side.toUpperCase()}_STREAMING`),
    *find({ old, now }) {
      if (old[property] === now[property]) return;
      yield breachOf(old, now, {
        change: `was ${callKind(old)} and is ${callKind(now)}`,
        advice:
          "calls between old and new fail as soon as there is not exactly one message, and programs no longer build: leave it, and add a method with another name",
      });
    },
  };
}

/** Another message. */
function messageRule(side: "request" | "response"): Rule<MethodDescriptor> {
  const property = side === "request" ? "input" : "output";
  return {
    code: `method-${side}-changed`,
    about: `a method has another message for its ${side}`,
    levels: everywhere(`RPC_SAME_${side.toUpperCase()}_TYPE`),
    *find({ old, now }) {
      const [before, after] = [old[property].fullName, now[property].fullName];
      if (before === after) return;
      yield breachOf(old, now, {
        change: `had the ${side} ${before} and has ${after}`,
        advice: `old and new programs read each other's ${side} as another message: leave it and add fields to ${before}, or add a method with another name`,
      });
    },
  };
}

const idempotencyRank = { unknown: 0, idempotent: 1, "no-side-effects": 2 } as const;

const idempotencyWeakened: Rule<MethodDescriptor> = {
  code: "method-idempotency-weakened",
  about: "a method no longer promises that it can be repeated, or that it changes nothing",
  levels: everywhere("RPC_SAME_IDEMPOTENCY_LEVEL"),
  *find({ old, now }) {
    const before = callDefaultsOf(old.options, old.service.options).idempotency;
    const after = callDefaultsOf(now.options, now.service.options).idempotency;
    if (idempotencyRank[after] >= idempotencyRank[before]) return;
    yield breachOf(old, now, {
      change: `was ${idempotencyNames[before]} and is ${idempotencyNames[after]}`,
      advice:
        before === "no-side-effects" && after === "idempotent"
          ? "clients with the old contract send it by GET, keep its replies and ask caches: leave it, and add a method with another name for what has effects"
          : "clients with the old contract repeat it after a failure, and it may happen twice: leave it, and add a method with another name",
      option: "idempotency_level",
    });
  },
};

const idempotencyNames = {
  unknown: "not safe to repeat",
  idempotent: "idempotent",
  "no-side-effects": "without side effects",
} as const;

/** The default deadline by milliseconds, the method's own or its service's. */
const deadlineOf = ({ options, service }: MethodDescriptor) =>
  callDefaultsOf(options, service.options).defaultTimeoutMs;

const deadlineLowered: Rule<MethodDescriptor> = {
  code: "method-deadline-lowered",
  about: "the default deadline of a method is shorter, or there is one where there was none",
  levels: everywhere(null),
  *find({ old, now }) {
    const [before, after] = [deadlineOf(old), deadlineOf(now)];
    if (after === undefined || (before !== undefined && after >= before)) return;
    yield breachOf(old, now, {
      change: `had ${before === undefined ? "no default deadline" : `a default deadline of ${before} ms`} and has ${before === undefined ? "one of " : ""}${after} ms`,
      advice: `calls that take longer end with DEADLINE_EXCEEDED once their client has the new contract: leave it, and let clients that want ${after} ms say so`,
      option: methodOptionName,
    });
  },
};

const deadlineRemoved: Rule<MethodDescriptor> = {
  code: "method-deadline-removed",
  about: "a method has no default deadline any more",
  levels: everywhere(null),
  *find({ old, now }) {
    const before = deadlineOf(old);
    if (before === undefined || deadlineOf(now) !== undefined) return;
    yield breachOf(old, now, {
      change: `had a default deadline of ${before} ms and has none`,
      advice: "clients that rely on it wait without end for a server that does not answer: leave it, or make it longer",
      option: methodOptionName,
    });
  },
};

export const methodRules: readonly Rule<MethodDescriptor>[] = [
  streamingRule("client"),
  streamingRule("server"),
  messageRule("request"),
  messageRule("response"),
  idempotencyWeakened,
  deadlineLowered,
  deadlineRemoved,
];
