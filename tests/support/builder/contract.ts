// A contract that uses all that the builder has, in three files, as one would write it.
import {
  bidiStream,
  bool,
  bytes,
  clientStream,
  double,
  enumeration,
  enumValue,
  extend,
  field,
  file,
  fixed32,
  fixed64,
  float,
  int32,
  int64,
  type MessageType,
  map,
  message,
  oneof,
  option,
  optional,
  optionsOf,
  repeated,
  required,
  serverStream,
  service,
  sfixed32,
  sfixed64,
  sint32,
  sint64,
  string,
  uint32,
  uint64,
  unary,
} from "farcall/idl";

// Custom options, of every kind of thing and of every kind of value.
export const Audience = enumeration("shop.options.Audience", { NOBODY: 0, STAFF: 1, EVERYBODY: 2 });
export const Rule = message("shop.options.Rule", {
  pattern: string(1),
  limits: map(string, int64(2)),
  audiences: repeated(field(Audience, 3)),
  action: oneof({ refuse: bool(4), rewrite: string(5) }),
  weight: optional(double(6)),
  keys: repeated(bytes(7)),
});
export const team = extend(optionsOf.file, "shop.options.team", string(50001, { doc: "Who answers for a file." }));
export const table = extend(optionsOf.message, "shop.options.table", string(50001));
export const rule = extend(optionsOf.field, "shop.options.rule", field(Rule, 50001));
export const seen = extend(optionsOf.field, "shop.options.seen", repeated(field(Audience, 50002)));
export const exclusive = extend(optionsOf.oneof, "shop.options.exclusive", bool(50001));
export const since = extend(optionsOf.enum, "shop.options.since", uint32(50001));
export const label = extend(optionsOf.enumValue, "shop.options.label", string(50001));
export const quota = extend(optionsOf.service, "shop.options.quota", int64(50001));
export const scopes = extend(optionsOf.method, "shop.options.scopes", repeated(string(50001)));
export const reason = extend(optionsOf.extensionRange, "shop.options.reason", string(50001));

export const optionsProto = file(
  "shop/options.proto",
  [Audience, Rule, team, table, rule, seen, exclusive, since, label, quota, scopes, reason],
  { doc: "What the shop says of its own contract." },
);

// proto3: nested types, comments, options of everything.
export const Kind = enumeration(
  "shop.Item.Kind",
  {
    KIND_UNSPECIFIED: 0,
    KIND_BOOK: enumValue(1, { doc: "Printed.", options: option(label, "Book") }),
    KIND_TAPE: enumValue(2, { deprecated: true }),
    KIND_VOLUME: 1,
  },
  {
    doc: "What an item is.",
    allowAlias: true,
    options: option(since, 7),
    reserved: { numbers: [[10, 19], 30], names: ["KIND_RECORD"] },
  },
);
export const Price = message("shop.Item.Price", { cents: int64(1, { as: "number" }), currency: string(2) });
export const Item = message(
  "shop.Item",
  {
    name: string(1, {
      doc: "As it stands on the cover.\nNever empty.",
      options: option(rule, { pattern: "\\w+", limits: { "a b": 2n }, action: { kind: "refuse", value: true } }),
    }),
    kind: field(Kind, 2),
    price: field(Price, 3, { options: [option(seen, ["STAFF", "EVERYBODY"]), { lazy: true }] }),
    note: optional(string(4, { deprecated: true })),
    tags: repeated(string(5, { doc: "In no order." })),
    stock: map(string, int64(6, { as: "number" })),
    state: oneof(
      { available: bool(7, { doc: "Today." }), reservedFor: string(8) },
      { doc: "Where it is.", options: option(exclusive, true) },
    ),
    weights: repeated(double(9)),
    loose: repeated(int32(10), { packed: false }),
    id: uint64(11, { as: "string", jsonName: "ID" }),
    secret: string(12, { options: { debug_redact: true, ctype: "CORD" } }),
    prices: map(sint32, field(Price, 14)),
    odd: fixed32(15),
    constructor$: sfixed64(16),
  },
  {
    doc: "What is sold.",
    nested: [Kind, Price],
    options: [option(table, "items"), { no_standard_descriptor_accessor: true }],
    reserved: { numbers: [20, [30, 40]], names: ["gone"] },
  },
);
export const Query = message("shop.Query", { text: string(1), like: field(Item, 2) }, { deprecated: true });
export const Shop = service(
  "shop.Shop",
  {
    find: unary(Query, Item, { doc: "One item.", idempotency: "no-side-effects", defaultTimeoutMs: 500 }),
    watch: serverStream(Query, Item, { options: option(scopes, ["read", "watch"]) }),
    sell: clientStream(Item, Query, { deprecated: true, name: "SellAll" }),
    haggle: bidiStream(Item, Item),
  },
  { doc: "Where it is sold.", idempotency: "idempotent", options: option(quota, 2n ** 40n) },
);

export const shopProto = file("shop/shop.proto", [Shop], {
  doc: "A shop.\n\nIts contract.",
  publicImports: [optionsProto],
  options: [
    option(team, "sales"),
    { go_package: "example.com/shop", optimize_for: "CODE_SIZE", java_multiple_files: true },
  ],
});

// An edition: what proto3 has not.
export const Colour = enumeration("shop.old.Colour", { RED: 0, BLUE: 5 }, { closed: true });
export const Shade = enumeration("shop.old.Shade", { DARK: 3, LIGHT: 4 }, { closed: true });
// biome-ignore lint/suspicious/noExplicitAny: it holds itself, and its type is of no matter here
export const Tree: MessageType<any, any> = message("shop.old.Tree", {
  leaves: repeated(field(() => Tree, 1, { delimited: true })),
  label: string(2, { options: { features: { utf8_validation: "NONE" } } }),
});
export const Note = message("shop.old.Order.Note", { text: optional(string(1)) });
export const Order = message(
  "shop.old.Order",
  {
    id: required(string(1)),
    port: optional(uint32(2, { default: 8080 })),
    large: optional(int64(3, { default: 2n ** 62n, as: "string" })),
    raw: optional(bytes(4, { default: Uint8Array.of(0, 255, 34) })),
    weight: optional(float(5, { default: 0.1 })),
    far: optional(double(6, { default: Number.NEGATIVE_INFINITY })),
    shade: optional(field(Shade, 7, { default: "LIGHT" })),
    shades: repeated(field(Shade, 8), { packed: false }),
    colours: map(string, field(Colour, 9)),
    tree: field(Tree, 10, { delimited: true }),
    count: sint64(11),
    numbers: repeated(fixed64(12)),
    pick: oneof({ left: field(Note, 13, { delimited: true }), right: sfixed32(14) }),
    sure: optional(bool(15, { default: true, jsonName: "certain" })),
    text: optional(string(16, { default: 'a "quoted"\n\ttext \\ é' })),
    bare: int32(17),
  },
  {
    nested: [Note],
    extensions: [
      100,
      [200, 299],
      {
        numbers: [[1000, 1999], 2500],
        declarations: [
          { number: 1000, fullName: "shop.old.owner", type: "string" },
          { number: 1001, fullName: "shop.old.trees", type: "shop.old.Tree", repeated: true },
          { number: 1002, fullName: "shop.old.lost", type: "int32", reserved: true },
        ],
        verification: "DECLARATION",
        options: option(reason, "plugins"),
      },
      { numbers: [[3000, 536_870_911]], verification: "UNVERIFIED" },
    ],
    options: { features: { json_format: "LEGACY_BEST_EFFORT" } },
  },
);
export const owner = extend(
  Order,
  "shop.old.owner",
  string(1000, { default: "nobody", doc: "Who ordered.", deprecated: true }),
);
export const trees = extend(Order, "shop.old.trees", repeated(field(Tree, 1001, { delimited: true })));
export const scores = extend(Order, "shop.old.Basket.scores", repeated(int32(200), { packed: false }));
export const Basket = message("shop.old.Basket", { orders: repeated(field(Order, 1)) }, { nested: [scores] });

export const oldProto = file("shop/old.proto", [Order, Colour, Shade, Tree, owner, trees, Basket], {
  syntax: "2023",
  features: { repeatedFieldEncoding: "EXPANDED", enumType: "CLOSED", jsonFormat: "ALLOW" },
  deprecated: true,
});

// proto2, with a group.
export const Result = message("shop.legacy.Reply.Result", { url: required(string(1)), ranks: repeated(int32(2)) });
export const Extra = message("shop.legacy.Reply.Extra", { n: optional(int32(1)) });
export const State = enumeration("shop.legacy.State", { OFF: 1, ON: 2 }, { closed: true });
export const Reply = message(
  "shop.legacy.Reply",
  {
    result: repeated(field(Result, 1, { delimited: true })),
    state: optional(field(State, 2, { default: "ON" })),
    packed: repeated(uint32(3)),
    loose: repeated(sint32(4), { packed: false }),
    pick: oneof({ extra: field(Extra, 5, { delimited: true }), word: string(6) }),
    states: map(string, string(7)),
  },
  { nested: [Result, Extra], extensions: [[100, 199]] },
);
export const more = extend(Reply, "shop.legacy.more", int64(100, { default: -5n }));

export const legacyProto = file("shop/legacy.proto", [Reply, State, more], {
  syntax: "proto2",
  weakImports: [oldProto],
});

// What belongs to no file: it is joined by package.
export const Stray = message("shop.stray.Stray", { order: field(Order, 1), item: field(Item, 2) });
