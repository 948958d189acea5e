// Types of the contract in `feature-protos.ts` in both ways: generated, and made of descriptors at run time.
import { basename } from "node:path";
import { type Extension, type MessageType, TypeRegistry } from "farcall/marshal";
import { builtTypes } from "./built-features.ts";
import { delimitedProto, featuresProto } from "./feature-protos.ts";
import { generateAndCompile, link } from "./generate.ts";

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
export const folder = generateAndCompile(`features-${basename(process.argv[1] ?? "", ".test.js")}`, sources, {
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
