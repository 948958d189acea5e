// Extensions and options that do not fit what they extend or set.
import { readFileSync } from "node:fs";
import { type Refused, testRefused } from "./idl-refused.ts";

const descriptor = 'import "google/protobuf/descriptor.proto";';
/** Declares options of many types to set wrongly. */
const options = {
  "options.proto": `syntax = "proto3"; ${descriptor}
    message Rules {
      int32 number = 1;
      repeated Rules inner = 2;
      oneof one { string left = 3; string right = 4; }
      Rules single = 5;
      bool flag = 6;
      Size size = 7;
    }
    enum Size { SMALL = 0; LARGE = 1; }
    extend google.protobuf.FieldOptions {
      Rules rules = 50001;
      repeated string tags = 50002;
      Size size = 50003;
      uint32 count = 50004;
      sint64 offset = 50005;
      bool flag = 50006;
      double ratio = 50007;
      bytes raw = 50008;
      string text = 50009;
      repeated Rules many_rules = 50010;
      string for_methods = 50011 [targets = TARGET_TYPE_METHOD, targets = TARGET_TYPE_SERVICE];
    }
    extend google.protobuf.MethodOptions { string method_text = 50001; }`,
};
const rpc = { "farcall/rpc.proto": readFileSync(new URL("../../../proto/farcall/rpc.proto", import.meta.url), "utf8") };
const method = (option: string, service = "") =>
  `import "farcall/rpc.proto"; message A {} service S { ${service} rpc M(A) returns (A) { option ${option}; } }`;
const field = (option: string) => `import "options.proto"; message A { string a = 1 [${option}]; }`;

const edition = 'edition = "2023";';

/** Features where they cannot be. */
const misusedFeatures: readonly Refused[] = [
  ["message A { repeated int32 a = 1 [^features.field_presence = IMPLICIT]; }", "has no presence to set"],
  ["message A { oneof o { int32 a = 1 [^features.field_presence = IMPLICIT]; } }", "a member of a oneof"],
  ["message A { A a = 1 [^features.field_presence = IMPLICIT]; }", "a message field always knows"],
  ["message A { int32 a = 1 [features.field_presence = IMPLICIT, ^default = 5]; }", "no default value but zero"],
  ["message A { extensions 5; extend A { int32 a = 5 [^features.field_presence = LEGACY_REQUIRED]; } }", "required"],
  [
    "message A { extensions 5; extend A { int32 a = 5 [^features.field_presence = IMPLICIT]; } }",
    "an extension always",
  ],
  ["message A { int32 a = 1 [^features.repeated_field_encoding = EXPANDED]; }", "only repeated fields"],
  ["message A { repeated string a = 1 [^features.repeated_field_encoding = PACKED]; }", "can be packed"],
  ["message A { int32 a = 1 [^features.utf8_validation = NONE]; }", "only strings"],
  ["message A { string a = 1 [^features.message_encoding = DELIMITED]; }", "only message fields"],
  ["message A { map<int32, A> a = 1 [^features.message_encoding = DELIMITED]; }", "only message fields"],
  ["message A { repeated int32 a = 1 [^packed = true]; }", "editions have no option packed"],
  ["message A { option features.^field_presence = IMPLICIT; }", "cannot be set on a message"],
  ["message A { string a = 1 [features.^enum_type = OPEN]; }", "cannot be set on a field"],
  ["option ^features.field_presence = LEGACY_REQUIRED;", "cannot be set for a whole file"],
  ["message A { string a = 1 [features.^nothing = 1]; }", 'no field "nothing"', "unknown-option"],
  ["message A { string a = 1 [features.field_presence = ^NEVER]; }", "expected one of", "bad-option-value"],
  [
    "option features.enum_type = CLOSED; enum E { A = 1; } message M { ^E e = 1 [features.field_presence = IMPLICIT]; }",
    "is closed",
    "wrong-kind",
  ],
  ["enum E { A = ^1; }", "must be 0", "first-enum-value"],
].map(([text = "", says = "", code = "option-misused"]) => ({
  code: code as Refused["code"],
  text: `${edition} ${text}`,
  says,
}));

testRefused([
  // extensions
  {
    code: "bad-extension",
    text: "message A {} extend A { string ^b = 1; }",
    says: "extend only google.protobuf.*Options",
  },
  { code: "unknown-type", text: "extend ^Nothing { string a = 1; }", says: '"Nothing" is not declared' },
  { code: "unknown-type", text: "extend ^google.protobuf.FileOptions { string a = 50000; }", says: "is not declared" },
  {
    code: "wrong-kind",
    text: "enum E { X = 0; } extend ^E { string a = 1; }",
    says: "what is extended must be a message",
  },
  {
    code: "bad-extension",
    text: `${descriptor} extend google.protobuf.FileOptions { string a = ^7; }`,
    says: "has no room for an extension with the number 7",
  },
  {
    code: "duplicate-number",
    text: `${descriptor} extend google.protobuf.FileOptions { string a = 50000; string b = ^50000; }`,
    says: `which is "a"'s already`,
  },
  {
    code: "option-misused",
    text: `${descriptor} extend google.protobuf.FileOptions { string a = 50000 [^json_name = "b"]; }`,
    says: 'an extension has no "json_name"',
  },
  // options
  { code: "unknown-option", text: "option ^nothing = 1;", says: 'google.protobuf.FileOptions has no field "nothing"' },
  {
    code: "option-misused",
    text: "message A { string a = 1 [^features.field_presence = IMPLICIT]; }",
    says: "features belong to editions, and this file is proto3",
  },
  ...misusedFeatures,
  { code: "unknown-option", text: 'option ^uninterpreted_option = { string_value: "a" };', says: "no field" },
  { code: "unknown-type", text: "option ^(nothing) = 1;", says: '"nothing" is not declared' },
  { code: "unknown-option", text: "message A {} option ^(A) = 1;", says: '"A" is a message, not an extension' },
  {
    code: "unknown-option",
    text: 'option ^(text) = "a"; import "options.proto";',
    says: "extends google.protobuf.FieldOptions",
    files: options,
  },
  {
    code: "bad-option-value",
    text: "option java_package = ^5;",
    says: 'expected a string in quotes for "java_package", found 5',
  },
  { code: "bad-option-value", text: "option java_multiple_files = ^1;", says: "expected true or false" },
  { code: "bad-option-value", text: 'option java_multiple_files = ^"true";', says: "expected true or false" },
  {
    code: "bad-option-value",
    text: "option optimize_for = ^FAST;",
    says: "expected one of SPEED, CODE_SIZE, LITE_RUNTIME",
  },
  { code: "bad-option-value", text: "option optimize_for = ^1;", says: "expected the name of a value" },
  { code: "bad-option-value", text: 'option java_package = ^"\\xff";', says: "valid UTF-8", protoc: "accepts" },
  { code: "option-set-twice", text: 'option java_package = "a"; option ^java_package = "b";', says: "was set before" },
  { code: "bad-option-value", text: "option ^java_package.inner = 1;", says: "is not a single message" },
  { code: "bad-option-value", text: field("(count) = ^-1"), says: "from 0 to 4294967295", files: options },
  { code: "bad-option-value", text: field("(count) = ^4294967296"), says: "from 0 to 4294967295", files: options },
  { code: "bad-option-value", text: field("(count) = ^1.0"), says: "expected a whole number", files: options },
  {
    code: "bad-option-value",
    text: field("(offset) = ^9223372036854775808"),
    says: "9223372036854775807",
    files: options,
  },
  { code: "bad-option-value", text: field("(size) = ^HUGE"), says: "expected one of SMALL, LARGE", files: options },
  { code: "bad-option-value", text: field('(ratio) = ^"1"'), says: "expected a number, inf or nan", files: options },
  { code: "bad-option-value", text: field("(raw) = ^text"), says: "expected a string in quotes", files: options },
  {
    code: "bad-option-value",
    text: field("(rules) = ^5"),
    says: "a message value in braces of type Rules",
    files: options,
  },
  { code: "bad-option-value", text: field("(text) = ^{}"), says: "found a message value", files: options },
  { code: "unknown-option", text: field("(rules).^none = 5"), says: 'Rules has no field "none"', files: options },
  { code: "unknown-option", text: field("(rules) = { ^none: 5 }"), says: 'Rules has no field "none"', files: options },
  {
    code: "bad-option-value",
    text: field("(rules) = { number: ^x }"),
    says: "expected a whole number",
    files: options,
  },
  { code: "bad-option-value", text: field("(rules) = { number: ^[1, 2] }"), says: "found a list", files: options },
  { code: "bad-option-value", text: field("(rules) = { flag: ^2 }"), says: "expected true or false", files: options },
  {
    code: "bad-option-value",
    text: field("(rules) = { size: ^2147483648 }"),
    says: "from -2147483648",
    files: options,
  },
  {
    code: "option-set-twice",
    text: field("(rules) = { number: 1 ^number: 2 }"),
    says: '"number" is set twice',
    files: options,
  },
  {
    code: "option-set-twice",
    text: field('(rules) = { left: "" ^right: "" }'),
    says: "members of one oneof",
    files: options,
  },
  {
    code: "option-set-twice",
    text: field("(rules).number = 1, ^(rules).number = 2"),
    says: '"(rules).number" was set before',
    files: options,
  },
  {
    code: "bad-option-value",
    text: field("(rules).^inner.number = 1"),
    says: '"inner" is not a single message',
    files: options,
  },
  {
    code: "bad-option-value",
    text: field("^(many_rules).number = 1"),
    says: "is not a single message",
    files: options,
  },
  {
    code: "bad-option-value",
    text: field("(rules) = { ^[type.googleapis.com/Rules] {} }"),
    says: "only google.protobuf.Any takes",
    files: options,
  },
  {
    code: "option-misused",
    text: field('^(for_methods) = "a"'),
    says: '"(for_methods)" cannot be set on a field',
    files: options,
  },
  {
    code: "option-misused",
    text: 'message A { string a = 1 [^default = "x"]; }',
    says: "proto3 has no default values",
  },
  { code: "option-misused", text: "message A { int32 a = 1 [^packed = true]; }", says: "only repeated numbers" },
  {
    code: "option-misused",
    text: "message A { repeated string a = 1 [^packed = true]; }",
    says: "only repeated numbers",
  },
  { code: "option-misused", text: "message A { string a = 1 [^jstype = JS_STRING]; }", says: "only 64-bit integers" },
  { code: "option-misused", text: "message A { string a = 1 [^lazy = true]; }", says: "only messages behind a length" },
  { code: "option-misused", text: "message A { option ^map_entry = true; }", says: "map_entry is not for writing" },
  { code: "option-misused", text: "message A { option ^message_set_wire_format = true; }", says: "no message sets" },
  {
    code: "bad-option-value",
    text: "message A { string a = 1 [json_name = ^5]; }",
    says: 'expected a string in quotes for "json_name"',
  },
  {
    code: "bad-option-value",
    text: 'message A { string a = 1 [json_name = ^"[a]"]; }',
    says: "cannot stand in brackets",
  },
  {
    code: "bad-option-value",
    text: 'message A { string a = 1 [json_name = ^"a\\0"]; }',
    says: "cannot hold a zero character",
  },
  {
    code: "option-set-twice",
    text: 'message A { string a = 1 [json_name = "a", ^json_name = "b"]; }',
    says: "was set before",
  },
  { code: "bad-extension", text: `${descriptor} extend ^google.protobuf.FileOptions {}`, says: "extends by nothing" },
  { code: "bad-option-value", text: field("(count) = ^-0"), says: "from 0 to 4294967295", files: options },
  {
    code: "bad-option-value",
    text: `import "google/protobuf/any.proto"; ${descriptor} message A {}
      extend google.protobuf.FileOptions { google.protobuf.Any any = 50000; }
      option (any) = { ^[example.com/A] {} };`,
    says: "not at example.com",
  },
  // The bounds are ours: to protoc it is a number like any other.
  ...["0", "-1", "86400001", "4294967296", "1.5", '"500"', "inf", "{ ms: 1 }"].flatMap((value) => [
    {
      ...(value === "0" || value === "86400001" ? { protoc: "accepts" as const } : {}),
      code: "bad-option-value" as const,
      text: method(`(farcall.rpc.method).default_timeout_ms = ^${value}`),
      says: 'expected a whole number from 1 to 86400000 for "default_timeout_ms", found',
      files: rpc,
    },
    {
      ...(value === "0" || value === "86400001" ? { protoc: "accepts" as const } : {}),
      code: "bad-option-value" as const,
      text: method("deprecated = true", `option (farcall.rpc.service) = { default_timeout_ms: ^${value} };`),
      says: 'expected a whole number from 1 to 86400000 for "default_timeout_ms", found',
      files: rpc,
    },
  ]),
  {
    code: "unknown-option",
    text: method("(farcall.rpc.method).^default_timeout = 5"),
    says: 'farcall.rpc.MethodDefaults has no field "default_timeout"',
    files: rpc,
  },
  {
    code: "unknown-option",
    text: method("^(farcall.rpc.service).default_timeout_ms = 5"),
    says: "extends google.protobuf.ServiceOptions, not google.protobuf.MethodOptions",
    files: rpc,
  },
]);
