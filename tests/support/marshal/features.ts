// A contract of what proto2 has and proto3 has not: groups, required fields, closed enums, defaults, extensions, message
// sets. Types of it come in both ways: generated, and made of descriptors at run time.
import { basename } from "node:path";
import { type Extension, type MessageType, TypeRegistry } from "farcall/marshal";
import { builtTypes } from "./built-features.ts";
import { generateAndCompile, link } from "./generate.ts";

export const featuresProto = `syntax = "proto2";
package old;

enum Grade {
  LOW = -1;
  HIGH = 5;
  TOP = 5;
  option allow_alias = true;
}

message Item {
  required int32 id = 1;
  optional string name = 2;
}

message Order {
  extensions 100 to 199;
  optional group Place = 1 {
    optional string city = 2;
    optional group Inner = 3 {
      optional int32 depth = 1;
    }
    optional Order order = 4;
    extensions 100 to 199;
  }
  repeated group Line = 5 {
    required int32 count = 1;
  }
  optional Grade grade = 6;
  repeated Grade grades = 7;
  repeated Grade packed_grades = 8 [packed = true];
  enum Level {
    LOW = 0;
    HIGH = 5;
  }
  map<string, Level> by_name = 9;
  oneof choice {
    Grade chosen = 10;
    group Nested = 11 {
      optional string text = 1;
    }
    Item item = 12;
  }
  optional Item one = 13;
  repeated Item many = 14;
  map<int32, Item> mapped = 15;
  optional int32 port = 16 [default = 80];
  optional string host = 17 [default = "localhost"];
  optional bytes magic = 18 [default = "\\001a"];
  optional int64 big = 19 [default = -9007199254740993];
  optional double ratio = 20 [default = inf];
  optional Grade wanted = 21 [default = HIGH];
  optional bool flag = 22 [default = true];
  repeated int32 numbers = 23;
  optional Order inner = 24;
}

extend Order {
  optional int32 weight = 100 [default = 7];
  optional Item extra = 101;
  repeated sint32 marks = 102;
  repeated int32 packed_marks = 103 [packed = true];
  optional Grade mood = 104;
  repeated Grade moods = 105;
  optional group Bag = 106 {
    optional string color = 1;
  }
  repeated string tags = 107;
  optional Order nested = 108;
}

message Holder {
  extend Order {
    optional string note = 110;
  }
}

message Set {
  option message_set_wire_format = true;
  extensions 4 to max;
}

message Member {
  extend Set {
    optional Member member = 1000;
  }
  optional string text = 1;
}
`;

export const delimitedProto = `edition = "2023";
package late;
option features.message_encoding = DELIMITED;
option features.repeated_field_encoding = EXPANDED;

import "old.proto";

message Tree {
  Tree left = 1;
  repeated Tree right = 2;
  int32 value = 3 [features.field_presence = IMPLICIT];
  int32 needed = 4 [features.field_presence = LEGACY_REQUIRED];
  map<string, Tree> named = 5;
  old.Item item = 6;
  old.Item sized = 7 [features.message_encoding = LENGTH_PREFIXED];
  oneof choice {
    old.Item far = 8;
  }
}
`;

// biome-ignore lint/suspicious/noExplicitAny: tests look at values of types that are made as they run
type AnyType = MessageType<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the same
type AnyExtension = Extension<any, any, any>;

/** The types of the contract, made in one way. */
export interface FeatureTypes {
  readonly by: string;
  readonly registry: TypeRegistry;
  message(fullName: string): AnyType;
  extension(fullName: string): AnyExtension;
}

/** What the types of generated modules must accept and refuse; it is compiled, not run. */
const program = `import { clearExtension, getExtension, hasExtension, setExtension } from "farcall/marshal";
import { Item, Order, extra, tags, weight, type Grade, type Order_Place } from "./old.js";

export function use(order: Order): (string | number | boolean | undefined)[] {
  setExtension(order, weight, 5);
  setExtension(order, extra, { id: 1 });
  setExtension(order, tags, ["a"] as const);
  clearExtension(order, tags);
  const value: number | undefined = getExtension(order, weight);
  const list: string[] = getExtension(order, tags);
  const port: number = order.port ?? Order.defaults.port;
  const wanted: Grade = order.wanted ?? Order.defaults.wanted;
  const weightOr: number = value ?? weight.default;
  const name: string | undefined = extra.default.name ?? tags.default[0];
  const place: Order_Place | undefined = order.place;
  return [value, list[0], weightOr, name, port, wanted, place?.city, hasExtension(order, extra), getExtension(order, extra)?.id];
}

export function misuse(order: Order): void {
  // @ts-expect-error: a closed enum is names only
  order.grade = 5;
  // @ts-expect-error: weight is a number
  setExtension(order, weight, "x");
  // @ts-expect-error: tags is a list
  setExtension(order, tags, "x");
  // @ts-expect-error: weight is of another message
  getExtension(Item.create({ id: 1 }), weight);
  // @ts-expect-error: a message has no default
  Order.defaults.one;
}
`;

const sources = { "old.proto": featuresProto, "late.proto": delimitedProto };
/** A folder for each test file: they run side by side. */
export const folder = generateAndCompile(`features-${basename(process.argv[1] ?? "")}`, sources, {
  "program.ts": program,
});
const modules = await Promise.all(Object.keys(sources).map((path) => folder.load(path)));
const exported = modules.flatMap((module) => Object.values(module) as { readonly kind?: string }[]);
const generated = new TypeRegistry()
  .addTypes(exported.filter((one) => one.kind === "message") as AnyType[])
  .addExtensions(exported.filter((one) => one.kind === "extension") as AnyExtension[]);
const described = new TypeRegistry().addFiles(link(sources));

function wayOf(by: string, registry: TypeRegistry): FeatureTypes {
  return {
    by,
    registry,
    message: (fullName) => registry.findMessage(fullName) as AnyType,
    extension: (fullName) => registry.findExtension(fullName) as AnyExtension,
  };
}

/** The ways with all of the contract. */
export const ways: readonly FeatureTypes[] = [wayOf("generated", generated), wayOf("described", described)];
/** Those, and messages written in TypeScript. */
export const messageWays: readonly FeatureTypes[] = [...ways, wayOf("built", new TypeRegistry().addTypes(builtTypes))];
