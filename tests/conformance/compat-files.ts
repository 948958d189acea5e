// Changed contracts in tables: what breaks, at which levels, and where `buf breaking` says otherwise.
// Files that go and move, and what they say of themselves.
import { all, type Change, code, edition, proto2 } from "./compat-change.ts";

/** An option of files, two values of it, and its rule. */
const fileOptions: readonly (readonly [option: string, old: string, now: string])[] = [
  ["cc_enable_arenas", "true", "false"],
  ["cc_generic_services", "false", "true"],
  ["csharp_namespace", '"A"', '"B"'],
  ["go_package", '"a.test/a"', '"a.test/b"'],
  ["java_generic_services", "false", "true"],
  ["java_multiple_files", "true", "false"],
  ["java_outer_classname", '"A"', '"B"'],
  ["java_package", '"a"', '"b"'],
  ["objc_class_prefix", '"A"', '"B"'],
  ["optimize_for", "SPEED", "CODE_SIZE"],
  ["php_class_prefix", '"A"', '"B"'],
  ["php_metadata_namespace", '"A"', '"B"'],
  ["php_namespace", '"A"', '"B"'],
  ["py_generic_services", "false", "true"],
  ["ruby_package", '"A"', '"B"'],
  ["swift_prefix", '"A"', '"B"'],
];

const optionChanges = fileOptions.map(
  ([option, old, now]): Change => ({
    name: `option ${option} changes`,
    old: `option ${option} = ${old}; message A { }`,
    now: `option ${option} = ${now}; message A { }`,
    finds: { [`file-${option.replaceAll("_", "-")}-changed`]: code },
  }),
);

export const fileChanges: readonly Change[] = [
  ...optionChanges,
  {
    name: "a file is removed",
    old: { "a.proto": "message A { }", "b.proto": "message B { }" },
    now: { "a.proto": "message A { }" },
    finds: { "file-removed": "source", "message-removed": "package" },
  },
  {
    name: "a file is added",
    old: { "a.proto": "message A { }" },
    now: { "a.proto": "message A { }", "b.proto": "message B { }" },
    finds: {},
  },
  {
    name: "a file is renamed",
    old: { "a.proto": "message A { }", "k.proto": "message K { }" },
    now: { "b.proto": "message A { }", "k.proto": "message K { }" },
    finds: { "file-removed": "source" },
  },
  {
    name: "a message moves to another file",
    old: { "a.proto": "message A { }", "b.proto": "message B { } message C { }" },
    now: { "a.proto": "message A { } message C { }", "b.proto": "message B { }" },
    finds: { "message-removed": "source" },
  },
  {
    name: "an enum moves to another file",
    old: { "a.proto": "enum A { Z = 0; }", "b.proto": "enum B { Y = 0; } enum C { X = 0; }" },
    now: { "a.proto": "enum A { Z = 0; } enum C { X = 0; }", "b.proto": "enum B { Y = 0; }" },
    finds: { "enum-removed": "source" },
  },
  {
    name: "a service moves to another file",
    old: { "a.proto": "message A { }", "b.proto": 'import "a.proto"; service S { rpc M(A) returns (A); }' },
    now: { "a.proto": "message A { } service S { rpc M(A) returns (A); }", "b.proto": "" },
    finds: { "service-removed": "source" },
  },
  {
    name: "a message moves and a field changes on the way",
    old: { "a.proto": "message A { }", "b.proto": "message B { } message C { int32 c = 1; }" },
    now: { "a.proto": "message A { } message C { string c = 1; }", "b.proto": "message B { }" },
    finds: { "message-removed": "source", "field-type-changed": all },
  },
  {
    name: "the package changes",
    old: "message A { string a = 1; }",
    now: 'syntax = "proto3"; package q; message A { string a = 1; }',
    finds: { "file-package-changed": all, "package-removed": "package" },
  },
  {
    name: "the package changes, and with it a message",
    old: "message A { string a = 1; } message B { }",
    now: 'syntax = "proto3"; package q; message A { }',
    finds: { "message-removed": "source", "file-package-changed": all, "package-removed": "package" },
  },
  {
    name: "a file moves to another package that is there",
    old: { "a.proto": "message A { }", "b.proto": "message B { }" },
    now: { "a.proto": "message A { }", "b.proto": 'syntax = "proto3"; package q; message B { }' },
    finds: { "file-package-changed": all, "message-removed": "package" },
  },
  {
    name: "a file without a package gets one",
    old: 'syntax = "proto3"; message A { }',
    now: "message A { }",
    finds: { "file-package-changed": all, "package-removed": "package" },
  },
  {
    name: "proto2 becomes proto3",
    old: proto2("message A { optional string a = 1; repeated int32 b = 2; optional A m = 3; }"),
    now: "message A { string a = 1; repeated int32 b = 2; A m = 3; }",
    finds: {
      "file-syntax-changed": code,
      "field-cardinality-changed": code,
      "field-utf8-validation-changed": code,
      "field-java-utf8-validation-changed": code,
    },
  },
  {
    name: "proto3 becomes an edition that behaves alike",
    old: "message A { string a = 1; }",
    now: edition("option features.field_presence = IMPLICIT; message A { string a = 1; }"),
    finds: { "file-syntax-changed": code },
  },
  {
    name: "proto3 becomes an edition",
    old: "message A { string a = 1; enum E { Z = 0; } E e = 2; }",
    now: edition("message A { string a = 1; enum E { Z = 0; } E e = 2; }"),
    finds: { "file-syntax-changed": code, "field-cardinality-changed": code },
  },
  {
    name: "proto2 becomes an edition that behaves alike",
    old: proto2("message A { optional string a = 1; repeated int32 b = 2; enum E { Z = 0; } }"),
    now: edition(
      "option features.enum_type = CLOSED; option features.utf8_validation = NONE; option features.repeated_field_encoding = EXPANDED; option features.json_format = LEGACY_BEST_EFFORT; message A { string a = 1; repeated int32 b = 2; enum E { Z = 0; } }",
    ),
    finds: { "file-syntax-changed": code },
  },
  {
    name: "option go_package is set",
    old: "message A { }",
    now: 'option go_package = "a.test/a"; message A { }',
    finds: { "file-go-package-changed": code },
  },
  {
    name: "an option is written that holds anyway",
    old: "message A { }",
    now: "option optimize_for = SPEED; option java_multiple_files = false; message A { }",
    finds: {},
  },
  {
    name: "option cc_enable_arenas is no longer set",
    old: "option cc_enable_arenas = true; message A { }",
    now: "message A { }",
    finds: {},
  },
  { name: "a file is deprecated", old: "message A { }", now: "option deprecated = true; message A { }", finds: {} },
];
