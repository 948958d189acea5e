// FieldMask: made for a type, set against each other, applied to messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bool, bytes, field, int32, int64, map, message, oneof, optional, repeated, string } from "../idl.ts";
import {
  applyFieldMask,
  FieldMask,
  fieldMaskOf,
  intersectFieldMasks,
  unionFieldMasks,
  updateByFieldMask,
} from "./index.ts";

const Address = message("mask.Address", { street: string(1), cityName: string(2), floor: optional(int32(3)) });
const User = message("mask.User", {
  displayName: string(1),
  home: field(Address, 2),
  tags: repeated(string(3)),
  sizes: map(string, int32(4)),
  contact: oneof({ post: field(Address, 5), mail: string(6) }),
  id: int64(7),
  picture: bytes(8),
  active: bool(9),
});
const ada = User.create({
  displayName: "Ada",
  home: { street: "High", cityName: "London", floor: 2 },
  tags: ["a", "b"],
  sizes: { hat: 7 },
  contact: { kind: "post", value: { street: "Low", cityName: "Ely" } },
  id: 5n,
  picture: Uint8Array.of(1),
  active: true,
});

test("fields are named either way, and the mask has the .proto's names", () => {
  const mask = fieldMaskOf(User, ["displayName", "home.cityName", "post.street", "tags"]);
  assert.deepEqual(mask.paths, ["display_name", "home.city_name", "post.street", "tags"]);
  assert.equal(FieldMask.toJson(mask), "displayName,home.cityName,post.street,tags");
});

test("a path that the type lacks is refused with the path", () => {
  const wrong: readonly (readonly [path: string, says: string])[] = [
    ["name", "name: name: mask.User has no such field"],
    ["home.town", "home.town: town: mask.Address has no such field"],
    ["tags.first", "tags.first: first lies within tags, which holds no single message"],
    ["", ": mask.User has no such field"],
    ["home.", "home.: : mask.Address has no such field"],
  ];
  for (const [path, says] of wrong) {
    for (const task of [() => fieldMaskOf(User, [path]), () => applyFieldMask(User, { paths: [path] }, ada)]) {
      assert.throws(task, { name: "MarshalError", code: "unknown-field", message: says });
    }
  }
});

test("applied, a mask leaves what it names and shares nothing", () => {
  const seen = applyFieldMask(User, { paths: ["display_name", "home.city_name", "sizes"] }, ada);
  const expected = { displayName: "Ada", home: { cityName: "London" }, sizes: { hat: 7 } };
  assert.deepEqual(seen, User.create(expected));
  assert.notEqual(seen.sizes, ada.sizes);
  assert.deepEqual(
    applyFieldMask(User, { paths: ["post.street"] }, ada),
    User.create({ contact: { kind: "post", value: { street: "Low" } } }),
  );
  assert.deepEqual(applyFieldMask(User, { paths: ["mail"] }, ada), User.create());
  assert.deepEqual(applyFieldMask(User, {}, ada), ada);
});

test("an update sets what the mask names, also to nothing, and leaves the rest", () => {
  const target = User.clone(ada);
  const source = {
    displayName: "Grace",
    home: { floor: 9, street: "ignored" },
    contact: { kind: "mail", value: "g@x" },
  } as const;
  updateByFieldMask(User, { paths: ["display_name", "home.floor", "tags", "mail"] }, { target, source });
  const expected = { ...ada, displayName: "Grace", home: { ...ada.home, floor: 9 }, tags: [], contact: source.contact };
  assert.deepEqual(target, User.create(expected));
  updateByFieldMask(User, { paths: ["home.city_name", "post.street", "picture", "id"] }, { target, source: {} });
  assert.equal(target.home?.cityName, "");
  assert.deepEqual([target.contact, target.picture, target.id], [source.contact, new Uint8Array(0), 0n]);
  const fresh = updateByFieldMask(
    User,
    { paths: ["home.street"] },
    { target: User.create(), source: { home: { street: "s", floor: 1 } } },
  );
  assert.deepEqual(fresh, User.create({ home: { street: "s" } }));
});

test("masks intersect and unite: a path names all that is within", () => {
  const both = (one: string[], other: string[]) => intersectFieldMasks({ paths: one }, { paths: other }).paths;
  assert.deepEqual(both(["a", "b.c"], ["a.x", "b", "z"]), ["a.x", "b.c"]);
  assert.deepEqual(both(["a.b"], ["a.c"]), []);
  assert.deepEqual(both(["a.b", "a.c.d"], ["a.c", "a.b"]), ["a.b", "a.c.d"]);
  assert.deepEqual(unionFieldMasks({ paths: ["b.c", "a"] }, { paths: ["b", "a.x"] }).paths, ["a", "b"]);
});
