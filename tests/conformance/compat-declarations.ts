// Changed contracts in tables: what breaks, at which levels, and where `buf breaking` says otherwise.
// Declarations that go, come and move within a file or a package.
import { type Change, code, proto2 } from "./compat-change.ts";

export const declarationChanges: readonly Change[] = [
  { name: "nothing changes", old: "message A { string a = 1; }", now: "message A { string a = 1; }", finds: {} },
  {
    name: "a message is removed",
    old: "message A { } message B { }",
    now: "message A { }",
    finds: { "message-removed": code },
  },
  {
    name: "the only message of a package is removed",
    old: "message A { } enum E { Z = 0; }",
    now: "enum E { Z = 0; }",
    finds: { "message-removed": code },
    differs: {
      onlyOurs: ["PACKAGE_MESSAGE_NO_DELETE"],
      why: "buf tells of what a package lost only where it has one of the kind left",
    },
  },
  {
    name: "a nested message is removed",
    old: "message A { message N { } }",
    now: "message A { }",
    finds: { "message-removed": code },
  },
  {
    name: "a message is removed with those inside of it",
    old: "message A { } message B { message N { } enum E { Z = 0; } }",
    now: "message A { }",
    finds: { "message-removed": code },
    differs: { onlyBuf: ["ENUM_NO_DELETE"], why: "what went with the message around it is told by that" },
  },
  {
    name: "a message is renamed",
    old: "message A { string a = 1; }",
    now: "message B { string a = 1; }",
    finds: { "message-removed": code },
  },
  { name: "a message is added", old: "message A { }", now: "message A { } message B { }", finds: {} },
  { name: "messages change places", old: "message A { } message B { }", now: "message B { } message A { }", finds: {} },
  {
    name: "a message is nested in another",
    old: "message A { } message B { }",
    now: "message A { message B { } }",
    finds: { "message-removed": code },
  },
  {
    name: "an enum is removed",
    old: "enum E { Z = 0; } enum F { Y = 0; }",
    now: "enum E { Z = 0; }",
    finds: { "enum-removed": code },
  },
  {
    name: "the only enum of a package is removed",
    old: "message A { } enum E { Z = 0; }",
    now: "message A { }",
    finds: { "enum-removed": code },
    differs: {
      onlyOurs: ["PACKAGE_ENUM_NO_DELETE"],
      why: "buf tells of what a package lost only where it has one of the kind left",
    },
  },
  {
    name: "a nested enum is removed",
    old: "message A { enum E { Z = 0; } } enum F { Y = 0; }",
    now: "message A { } enum F { Y = 0; }",
    finds: { "enum-removed": code },
  },
  {
    name: "a service is removed",
    old: "message A { } service S { rpc M(A) returns (A); } service T { }",
    now: "message A { } service T { }",
    finds: { "service-removed": code },
  },
  {
    name: "the only service of a package is removed",
    old: "message A { } service S { rpc M(A) returns (A); }",
    now: "message A { }",
    finds: { "service-removed": code },
  },
  {
    name: "a service is renamed",
    old: "message A { } service S { rpc M(A) returns (A); }",
    now: "message A { } service T { rpc M(A) returns (A); }",
    finds: { "service-removed": code },
  },
  {
    name: "an extension is removed",
    old: proto2("message A { extensions 100 to 200; } extend A { optional int32 x = 100; optional int32 y = 101; }"),
    now: proto2("message A { extensions 100 to 200; } extend A { optional int32 x = 100; }"),
    finds: { "extension-removed": code },
  },
  {
    name: "an extension inside a message is removed",
    old: proto2(
      "message A { extensions 100 to 200; } message B { extend A { optional int32 x = 100; } } extend A { optional int32 y = 101; }",
    ),
    now: proto2("message A { extensions 100 to 200; } message B { } extend A { optional int32 y = 101; }"),
    finds: { "extension-removed": code },
  },
];
