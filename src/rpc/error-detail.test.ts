// Details of errors: packed under the name of their type, and unpacked as that type only.
import assert from "node:assert/strict";
import { test } from "node:test";
import { int32, message, string } from "../marshal/builder/index.ts";
import { MarshalError } from "../marshal/errors.ts";
import { CallError } from "./call-error.ts";
import { packDetail, unpackDetail } from "./error-detail.ts";

const Sold = message("shop.Sold", { to: string(1), price: int32(2) });
const Other = message("shop.Other", { to: string(1) });

test("a detail is a message under the name of its type, and comes back as that type only", () => {
  const detail = packDetail(Sold, { to: "Ada" });
  assert.equal(detail.typeUrl, "type.googleapis.com/shop.Sold");
  assert.deepEqual(unpackDetail(detail, Sold), { to: "Ada", price: 0 });
  assert.equal(unpackDetail(detail, Other), undefined);
});

test("what does not fit the type is refused where the detail is made", () => {
  assert.throws(() => packDetail(Sold, { price: 1.5 }), MarshalError);
});

test("the type is what stands behind the last slash, whatever is before it, and without one the whole", () => {
  const value = Sold.encode({ to: "Ada" });
  for (const typeUrl of ["type.googleapis.com/shop.Sold", "https://a.example/b/shop.Sold", "/shop.Sold", "shop.Sold"]) {
    assert.equal(unpackDetail({ typeUrl, value }, Sold)?.to, "Ada", typeUrl);
  }
  for (const typeUrl of ["", "/", "shop.Sold/", "type.googleapis.com/shop.SoldOut", "type.googleapis.com/op.Sold"]) {
    assert.equal(unpackDetail({ typeUrl, value }, Sold), undefined, typeUrl);
  }
});

test("error.detail finds the first detail of a type that can be read, and throws for none", () => {
  const broken = { ...packDetail(Sold, {}), value: Uint8Array.of(0x0a, 0x7f) };
  const details = [broken, packDetail(Other, { to: "Bob" }), packDetail(Sold, { to: "Ada" }), packDetail(Sold, {})];
  const error = new CallError("ABORTED", "sold", { details });
  assert.equal(error.detail(Sold)?.to, "Ada");
  assert.equal(error.detail(Other)?.to, "Bob");
  assert.equal(error.detail(message("shop.None", {})), undefined);
  assert.equal(new CallError("ABORTED", "sold", { details: [broken] }).detail(Sold), undefined);
  assert.equal(new CallError("ABORTED", "sold").detail(Sold), undefined);
});
