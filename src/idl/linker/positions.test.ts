import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyDescriptor } from "../descriptor.ts";
import { linkFiles } from "./link.ts";

const text = `syntax = "proto2";
package shop;
import "google/protobuf/descriptor.proto";
option go_package = "a.test/shop";
message Item {
  optional string name = 1 [json_name = "n", default = "x"];
  oneof state { bool sold = 2; }
  map<string, int32> stock = 3;
  optional group Box = 4 { }
  enum Kind { BOOK = 1; }
  extensions 100 to 200;
}
extend Item { optional int32 weight = 100; }
extend google.protobuf.MethodOptions { optional string note = 50001; }
service Shop {
  rpc Find(Item) returns (Item) { option (note) = "a"; option deprecated = true; }
}
`;

const descriptorText = 'syntax = "proto2"; package google.protobuf; message MethodOptions { extensions 1000 to max; }';

test("every declaration has its place, and an option where it is written", () => {
  const { files, errors, positionOf } = linkFiles(["shop.proto"], (path) =>
    path === "shop.proto" ? text : descriptorText,
  );
  assert.deepEqual(errors, []);
  const [file] = files;
  assert.ok(file);
  const at = (declaration: AnyDescriptor | undefined, option?: string) => {
    assert.ok(declaration);
    const place = positionOf(declaration, option);
    return place && `${place.file}:${place.line}:${place.column}`;
  };
  const [item] = file.messages;
  const [name, sold, stock, box] = item?.fields ?? [];
  const [find] = file.services[0]?.methods ?? [];
  assert.deepEqual(
    [file, item, name, sold, stock, box, item?.oneofs[0], item?.enums[0], item?.enums[0]?.values[0]].map((one) =>
      at(one),
    ),
    ["2:9", "5:9", "6:19", "7:22", "8:22", "9:18", "7:9", "10:8", "10:15"].map((place) => `shop.proto:${place}`),
  );
  assert.equal(at(file.extensions?.[0]), "shop.proto:13:30");
  assert.equal(at(file.services[0]), "shop.proto:15:9");
  assert.equal(at(find), "shop.proto:16:7");
  assert.equal(at(file, "go_package"), "shop.proto:4:8");
  assert.equal(at(name, "default"), "shop.proto:6:46");
  assert.equal(at(find, "(shop.note)"), "shop.proto:16:42");
  assert.equal(at(find, "deprecated"), "shop.proto:16:63");
  assert.equal(at(find, "idempotency_level"), "shop.proto:16:7");
  assert.equal(at(file.dependencies[0]), "google/protobuf/descriptor.proto:1:28");
  assert.equal(
    at(stock?.type.kind === "scalar" ? item?.messages.find(({ mapEntry }) => mapEntry) : undefined),
    undefined,
  );
});
