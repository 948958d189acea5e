// Test support: a service with a method of each kind, for the commands to list, call and serve.
import { CallError, type Implementation, implement, Metadata } from "farcall";
import {
  bidiStream,
  bytes,
  clientStream,
  enumeration,
  field,
  int32,
  int64,
  message,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";

const Colour = enumeration("shop.Colour", { RED: 0, BLUE: 1 });
export const Item = message("shop.Item", {
  n: int32(1),
  text: string(2),
  body: bytes(3),
  big: int64(4),
  colour: field(Colour, 5),
});
const Reason = message("shop.Reason", { text: string(1) });
/** `explain` is there so that reflection knows the type of a detail. */
export const Shop = service("shop.Shop", {
  echo: unary(Item, Item, { idempotency: "no-side-effects" }),
  fail: unary(Item, Item),
  explain: unary(Item, Reason),
  count: serverStream(Item, Item, { defaultTimeoutMs: 30_000 }),
  sum: clientStream(Item, Item),
  chat: bidiStream(Item, Item),
  wait: unary(Item, Item),
});

export function createShop(): Implementation {
  return implement(Shop, {
    echo(item, call) {
      const seen = call.metadata.get("trace-id");
      if (seen !== undefined) call.sendHeaders({ "seen-id": seen });
      const key = call.metadata.get("key-bin");
      call.setTrailers({ cost: "3", ...(key !== undefined && { "key-bin": key }) });
      return item;
    },
    fail() {
      throw new CallError("NOT_FOUND", "there is no such item", {
        details: [
          { typeUrl: "type.googleapis.com/shop.Reason", value: Reason.encode({ text: "sold" }) },
          { typeUrl: "type.googleapis.com/shop.Secret", value: Uint8Array.of(1, 2, 3) },
        ],
        metadata: new Metadata({ hint: "look elsewhere" }),
      });
    },
    explain: () => ({ text: "" }),
    async *count({ n }) {
      for (let index = 0; index < n; index++) yield { n: index };
    },
    async sum(items) {
      let n = 0;
      for await (const item of items) n += item.n;
      return { n };
    },
    async *chat(items) {
      for await (const item of items) {
        if (item.text === "bye") return;
        yield { text: `${item.text}!` };
      }
    },
    async wait(_item, call) {
      await call.sleep(60_000);
      return {};
    },
  });
}
