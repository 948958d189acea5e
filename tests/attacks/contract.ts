// Attacks: the contract of the server that is attacked. Its handlers do what makes a server hold something.
import { bytes, clientStream, message, service, string, uint32, unary } from "farcall/idl";

export const Packet = message("attacks.Packet", { tag: string(1), payload: bytes(2), size: uint32(3) });

export const Target = service("attacks.Target", {
  /** Answers with what came. */
  echo: unary(Packet, Packet),
  /** Answers when the process is told to release its handlers; its client's end changes nothing. */
  hold: unary(Packet, Packet),
  /** Answers with `size` bytes. */
  large: unary(Packet, Packet),
  /** Reads nothing until the handlers are released. */
  upload: clientStream(Packet, Packet),
});
