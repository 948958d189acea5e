// Changed contracts in tables: what breaks, at which levels, and where `buf breaking` says otherwise.
// Services: what a call is, what it carries, and what its contract promises.
import { readFileSync } from "node:fs";
import { all, type Change, code } from "./compat-change.ts";

const rpcOptions = readFileSync(new URL("../../../proto/farcall/rpc.proto", import.meta.url), "utf8");

export const serviceChanges: readonly Change[] = [
  {
    name: "a method is removed",
    old: "message A { } message B { } service S { rpc M(A) returns (B); rpc N(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (B); }",
    finds: { "method-removed": code },
  },
  {
    name: "a method is renamed",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc N(A) returns (B); }",
    finds: { "method-removed": code },
  },
  {
    name: "a method is added",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (B); rpc N(A) returns (B); }",
    finds: {},
  },
  {
    name: "a request becomes a stream",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(stream A) returns (B); }",
    finds: { "method-client-streaming-changed": all },
  },
  {
    name: "a request is no longer a stream",
    old: "message A { } message B { } service S { rpc M(stream A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (B); }",
    finds: { "method-client-streaming-changed": all },
  },
  {
    name: "a reply becomes a stream",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (stream B); }",
    finds: { "method-server-streaming-changed": all },
  },
  {
    name: "a reply is no longer a stream",
    old: "message A { } message B { } service S { rpc M(A) returns (stream B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (B); }",
    finds: { "method-server-streaming-changed": all },
  },
  {
    name: "a unary method becomes a stream both ways",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(stream A) returns (stream B); }",
    finds: { "method-client-streaming-changed": all, "method-server-streaming-changed": all },
  },
  {
    name: "a request is another message",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(B) returns (B); }",
    finds: { "method-request-changed": all },
  },
  {
    name: "a reply is another message",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (A); }",
    finds: { "method-response-changed": all },
  },
  {
    name: "a method is no longer idempotent",
    old: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = IDEMPOTENT; } }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) {  } }",
    finds: { "method-idempotency-weakened": all },
  },
  {
    name: "a method without side effects is only idempotent",
    old: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = NO_SIDE_EFFECTS; } }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = IDEMPOTENT; } }",
    finds: { "method-idempotency-weakened": all },
  },
  {
    name: "a method without side effects promises nothing",
    old: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = NO_SIDE_EFFECTS; } }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = IDEMPOTENCY_UNKNOWN; } }",
    finds: { "method-idempotency-weakened": all },
  },
  {
    name: "a method is idempotent from now on",
    old: "message A { } message B { } service S { rpc M(A) returns (B) {  } }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = IDEMPOTENT; } }",
    finds: {},
    differs: { onlyBuf: ["RPC_SAME_IDEMPOTENCY_LEVEL"], why: "a promise more hurts nobody who has the old contract" },
  },
  {
    name: "an idempotent method has no side effects from now on",
    old: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = IDEMPOTENT; } }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = NO_SIDE_EFFECTS; } }",
    finds: {},
    differs: { onlyBuf: ["RPC_SAME_IDEMPOTENCY_LEVEL"], why: "a promise more hurts nobody who has the old contract" },
  },
  {
    name: "a method says that it promises nothing",
    old: "message A { } message B { } service S { rpc M(A) returns (B) {  } }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) { option idempotency_level = IDEMPOTENCY_UNKNOWN; } }",
    finds: {},
  },
  {
    name: "a method is deprecated",
    old: "message A { } message B { } service S { rpc M(A) returns (B); }",
    now: "message A { } message B { } service S { rpc M(A) returns (B) { option deprecated = true; } }",
    finds: {},
  },
  {
    name: "a default deadline is lowered",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 500 }; } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 400 }; } }',
    },
    finds: { "method-deadline-lowered": all },
  },
  {
    name: "a default deadline is raised",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 500 }; } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 600 }; } }',
    },
    finds: {},
  },
  {
    name: "a default deadline is removed",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 500 }; } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto": 'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) {  } }',
    },
    finds: { "method-deadline-removed": all },
  },
  {
    name: "a default deadline is removed, and the service has the same",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 500  }; rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 500 }; } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 500  }; rpc M(A) returns (A) {  } }',
    },
    finds: {},
  },
  {
    name: "a default deadline is removed, and the service has a lower one",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 100  }; rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 500 }; } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 100  }; rpc M(A) returns (A) {  } }',
    },
    finds: { "method-deadline-lowered": all },
  },
  {
    name: "a default deadline is set where there was none",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto": 'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) {  } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S {  rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 500 }; } }',
    },
    finds: { "method-deadline-lowered": all },
  },
  {
    name: "the default deadline of a service is lowered",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 500  }; rpc M(A) returns (A) {  } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 100  }; rpc M(A) returns (A) {  } }',
    },
    finds: { "method-deadline-lowered": all },
  },
  {
    name: "the default deadline of a service is lowered for others than the method",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 500  }; rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 50 }; } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 100  }; rpc M(A) returns (A) { option (farcall.rpc.method) = { default_timeout_ms: 50 }; } }',
    },
    finds: {},
  },
  {
    name: "a service no longer says that its methods are idempotent",
    old: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 500 idempotency_level: IDEMPOTENT }; rpc M(A) returns (A) {  } }',
    },
    now: {
      "farcall/rpc.proto": rpcOptions,
      "a.proto":
        'import "farcall/rpc.proto"; message A { } service S { option (farcall.rpc.service) = { default_timeout_ms: 500  }; rpc M(A) returns (A) {  } }',
    },
    finds: { "method-idempotency-weakened": all },
    differs: { onlyOurs: ["RPC_SAME_IDEMPOTENCY_LEVEL"], why: "buf does not know farcall/rpc.proto" },
  },
];
