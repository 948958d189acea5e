// Changed contracts in tables: what breaks, at which levels, and where `buf breaking` says otherwise.
// Fields that change otherwise: oneofs, defaults, options; and extensions.
import { all, type Change, code, edition, json, proto2 } from "./compat-change.ts";

export const fieldChanges: readonly Change[] = [
  {
    name: "a field gets the JSON name that it has",
    old: "message A { string a_b = 1; }",
    now: 'message A { string a_b = 1 [json_name = "aB"]; }',
    finds: {},
  },
  {
    name: "a field goes into a oneof",
    old: "message A { string a = 1; }",
    now: "message A { oneof o { string a = 1; } }",
    finds: { "field-cardinality-changed": code, "field-oneof-changed": all },
  },
  {
    name: "a field leaves a oneof",
    old: "message A { oneof o { string a = 1; string b = 2; } }",
    now: "message A { oneof o { string b = 2; } string a = 1; }",
    finds: { "field-cardinality-changed": code, "field-oneof-changed": all },
  },
  {
    name: "a field goes into another oneof",
    old: "message A { oneof o { string a = 1; string b = 2; } oneof q { string c = 3; } }",
    now: "message A { oneof o { string b = 2; } oneof q { string c = 3; string a = 1; } }",
    finds: { "field-oneof-changed": all },
  },
  {
    name: "an optional field goes into a oneof",
    old: "message A { optional string a = 1; }",
    now: "message A { oneof o { string a = 1; } }",
    finds: { "field-oneof-changed": all },
  },
  {
    name: "a new field is in a oneof that is there",
    old: "message A { oneof o { string a = 1; } }",
    now: "message A { oneof o { string a = 1; int32 b = 2; } }",
    finds: {},
  },
  {
    name: "a default changes",
    old: proto2("message A { optional int32 a = 1 [default = 5]; }"),
    now: proto2("message A { optional int32 a = 1 [default = 6]; }"),
    finds: { "field-default-changed": all },
  },
  {
    name: "a default is added",
    old: proto2("message A { optional string a = 1; }"),
    now: proto2('message A { optional string a = 1 [default = "x"]; }'),
    finds: { "field-default-changed": all },
  },
  {
    name: "a default is removed",
    old: proto2("message A { optional bool a = 1 [default = true]; }"),
    now: proto2("message A { optional bool a = 1; }"),
    finds: { "field-default-changed": all },
  },
  {
    name: "a default is written that holds anyway",
    old: proto2("message A { optional int32 a = 1; }"),
    now: proto2("message A { optional int32 a = 1 [default = 0]; }"),
    finds: {},
  },
  {
    name: "a default of bytes changes",
    old: proto2('message A { optional bytes a = 1 [default = "a"]; }'),
    now: proto2('message A { optional bytes a = 1 [default = "b"]; }'),
    finds: { "field-default-changed": all },
  },
  {
    name: "a default of an enum changes",
    old: proto2("message A { optional E e = 1 [default = Z]; } enum E { Z = 0; Y = 1; }"),
    now: proto2("message A { optional E e = 1 [default = Y]; } enum E { Z = 0; Y = 1; }"),
    finds: { "field-default-changed": all },
  },
  {
    name: "the first value of an enum changes, and with it a default",
    old: proto2("message A { optional E e = 1; } enum E { Z = 0; Y = 1; }"),
    now: proto2("message A { optional E e = 1; } enum E { Y = 1; Z = 0; }"),
    finds: { "field-default-changed": all },
  },
  {
    name: "a default is the same in another type",
    old: proto2("message A { optional int32 a = 1 [default = 5]; }"),
    now: proto2("message A { optional int64 a = 1 [default = 5]; }"),
    finds: { "field-type-changed": json },
  },
  {
    name: "a default of a float is the same in a double",
    old: proto2("message A { optional float a = 1 [default = 0.1]; }"),
    now: proto2("message A { optional double a = 1 [default = 0.1]; }"),
    finds: { "field-type-changed": all },
  },
  {
    name: "a default of nan stays",
    old: proto2("message A { optional float a = 1 [default = nan]; }"),
    now: proto2("message A { optional float a = 1 [default = nan]; }"),
    finds: {},
  },
  {
    name: "a default of a string becomes one of bytes",
    old: proto2('message A { optional string a = 1 [default = "a"]; }'),
    now: proto2('message A { optional bytes a = 1 [default = "a"]; }'),
    finds: { "field-type-changed": json },
  },
  {
    name: "option jstype changes",
    old: "message A { int64 a = 1; }",
    now: "message A { int64 a = 1 [jstype = JS_STRING]; }",
    finds: { "field-jstype-changed": code },
  },
  {
    name: "option ctype changes",
    old: "message A { string a = 1; }",
    now: "message A { string a = 1 [ctype = CORD]; }",
    finds: { "field-ctype-changed": code },
  },
  {
    name: "option ctype is given up for the usual one",
    old: "message A { string a = 1 [ctype = STRING_PIECE]; }",
    now: "message A { string a = 1; }",
    finds: {},
  },
  {
    name: "a string of an edition is no longer checked",
    old: edition("message A { string a = 1; }"),
    now: edition("message A { string a = 1 [features.utf8_validation = NONE]; }"),
    finds: { "field-utf8-validation-changed": code, "field-java-utf8-validation-changed": code },
  },
  {
    name: "option java_string_check_utf8 is set",
    old: proto2("message A { optional string a = 1; }"),
    now: proto2("option java_string_check_utf8 = true; message A { optional string a = 1; }"),
    finds: { "field-java-utf8-validation-changed": code },
  },
  {
    name: "the keys of a map of an edition are no longer checked",
    old: edition("message A { map<string, int32> a = 1; }"),
    now: edition("message A { map<string, int32> a = 1 [features.utf8_validation = NONE]; }"),
    finds: { "field-utf8-validation-changed": code, "field-java-utf8-validation-changed": code },
  },
  {
    name: "option packed changes",
    old: "message A { repeated int32 a = 1; }",
    now: "message A { repeated int32 a = 1 [packed = false]; }",
    finds: {},
  },
  {
    name: "a field is deprecated",
    old: "message A { string a = 1; }",
    now: "message A { string a = 1 [deprecated = true]; }",
    finds: {},
  },
  {
    name: "an extension changes type",
    old: proto2("message A { extensions 100 to 200; } extend A { optional int32 x = 100; }"),
    now: proto2("message A { extensions 100 to 200; } extend A { optional string x = 100; }"),
    finds: { "field-type-changed": all },
  },
  {
    name: "an extension is renamed",
    old: proto2("message A { extensions 100 to 200; } extend A { optional int32 x = 100; }"),
    now: proto2("message A { extensions 100 to 200; } extend A { optional int32 y = 100; }"),
    finds: { "extension-removed": code, "field-renamed": json },
  },
  {
    name: "an extension moves into a message",
    old: proto2("message A { extensions 100 to 200; } extend A { optional int32 x = 100; } message B { }"),
    now: proto2("message A { extensions 100 to 200; } message B { extend A { optional int32 x = 100; } }"),
    finds: { "extension-removed": code, "field-renamed": json },
  },
];
