// Soak: the contract of the server that is soaked, with a method of each kind. A request says what its handler does.
import { bidiStream, bytes, clientStream, message, serverStream, service, uint32, unary } from "farcall/idl";

export const Task = message("soak.Task", {
  /** Of the call, from 0. */
  number: uint32(1),
  /** A `Work`. */
  work: uint32(2),
  /** How many replies, where a method streams them. */
  replies: uint32(3),
  payload: bytes(4),
});

/** `index` counts the replies; of a streamed request it is how many messages came. */
export const Result = message("soak.Result", { number: uint32(1), index: uint32(2), payload: bytes(3) });

export const Soak = service("soak.Soak", {
  ask: unary(Task, Result),
  list: serverStream(Task, Result),
  gather: clientStream(Task, Result),
  talk: bidiStream(Task, Result),
});

/** What a handler does before it answers. */
export const Work = {
  answer: 0,
  sleep: 1,
  fail: 2,
  /** Waits until its call is over. */
  hold: 3,
} as const;

/** The metadata that names the call where its handler begins before a message came. */
export const numberName = "soak-number";
