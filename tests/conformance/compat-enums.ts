// Changed contracts in tables: what breaks, at which levels, and where `buf breaking` says otherwise.
// Enums.
import { all, bytes, type Change, code, edition, json, proto2 } from "./compat-change.ts";

export const enumChanges: readonly Change[] = [
  {
    name: "a value is removed",
    old: "enum E { Z = 0; Y = 1; }",
    now: "enum E { Z = 0; }",
    finds: {
      "enum-value-removed": code,
      "enum-value-number-not-reserved": bytes,
      "enum-value-name-not-reserved": "wire-json",
    },
  },
  {
    name: "a value is removed and its number reserved",
    old: "enum E { Z = 0; Y = 1; }",
    now: "enum E { Z = 0; reserved 1; }",
    finds: { "enum-value-removed": code, "enum-value-name-not-reserved": "wire-json" },
  },
  {
    name: "a value is removed and its name reserved",
    old: "enum E { Z = 0; Y = 1; }",
    now: 'enum E { Z = 0; reserved "Y"; }',
    finds: { "enum-value-removed": code, "enum-value-number-not-reserved": bytes },
  },
  {
    name: "a value is removed, its number and its name reserved",
    old: "enum E { Z = 0; Y = 1; }",
    now: 'enum E { Z = 0; reserved 1; reserved "Y"; }',
    finds: { "enum-value-removed": code },
  },
  {
    name: "a number with two names is removed, and one name reserved",
    old: "enum E { option allow_alias = true; Z = 0; Y = 1; X = 1; }",
    now: 'enum E { Z = 0; reserved 1; reserved "Y"; }',
    finds: { "enum-value-removed": code, "enum-value-name-not-reserved": "wire-json" },
  },
  { name: "a value is added", old: "enum E { Z = 0; }", now: "enum E { Z = 0; Y = 1; }", finds: {} },
  {
    name: "a value is renamed",
    old: "enum E { Z = 0; Y = 1; }",
    now: "enum E { Z = 0; X = 1; }",
    finds: { "enum-value-renamed": json },
  },
  {
    name: "a value gets another number",
    old: "enum E { Z = 0; Y = 1; }",
    now: "enum E { Z = 0; Y = 2; }",
    finds: {
      "enum-value-removed": code,
      "enum-value-number-not-reserved": bytes,
      "enum-value-name-not-reserved": "wire-json",
    },
  },
  {
    name: "a second name is added",
    old: "enum E { Z = 0; Y = 1; }",
    now: "enum E { option allow_alias = true; Z = 0; Y = 1; X = 1; }",
    finds: {},
  },
  {
    name: "a second name is removed",
    old: "enum E { option allow_alias = true; Z = 0; Y = 1; X = 1; }",
    now: "enum E { Z = 0; Y = 1; }",
    finds: { "enum-value-renamed": json },
  },
  {
    name: "values change places",
    old: "enum E { Z = 0; Y = 1; X = 2; }",
    now: "enum E { Z = 0; X = 2; Y = 1; }",
    finds: {},
  },
  {
    name: "a reserved number is freed",
    old: "enum E { Z = 0; reserved 1, 2; }",
    now: "enum E { Z = 0; reserved 1; }",
    finds: { "enum-reserved-removed": all },
  },
  {
    name: "a reserved name is freed",
    old: 'enum E { Z = 0; reserved "Y"; }',
    now: "enum E { Z = 0; }",
    finds: { "enum-reserved-removed": all },
  },
  {
    name: "a reserved range of negative numbers shrinks",
    old: "enum E { Z = 0; reserved -5 to -1; }",
    now: "enum E { Z = 0; reserved -4 to -1; }",
    finds: { "enum-reserved-removed": all },
  },
  {
    name: "an enum of an edition is closed",
    old: edition("enum E { Z = 0; }"),
    now: edition("enum E { option features.enum_type = CLOSED; Z = 0; }"),
    finds: { "enum-openness-changed": all },
  },
  {
    name: "an enum of an edition is opened",
    old: edition("enum E { option features.enum_type = CLOSED; Z = 0; }"),
    now: edition("enum E { Z = 0; }"),
    finds: { "enum-openness-changed": all },
  },
  {
    name: "an enum goes from proto2 to proto3",
    old: proto2("enum E { Z = 0; }"),
    now: "enum E { Z = 0; }",
    finds: { "file-syntax-changed": code, "enum-openness-changed": all },
  },
  {
    name: "JSON of an enum is best effort",
    old: edition("enum E { Z = 0; }"),
    now: edition("enum E { option features.json_format = LEGACY_BEST_EFFORT; Z = 0; }"),
    finds: { "enum-json-format-changed": json },
  },
  {
    name: "a value is deprecated",
    old: "enum E { Z = 0; Y = 1; }",
    now: "enum E { Z = 0; Y = 1 [deprecated = true]; }",
    finds: {},
  },
];
