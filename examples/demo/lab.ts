// Example, demo: a contract written in TypeScript, for what the Directories service has no procedure for. No compiler runs:
// the types of stubs and handlers come from these values.
import { int32, message, service, string, unary } from "farcall/idl";

export const Text = message("demo.Text", { text: string(1) });
export const Nap = message("demo.Nap", { ms: int32(1) });
export const Nothing = message("demo.Nothing", {});

export const Lab = service("demo.Lab", {
  /** Answers what it is given. */
  echo: unary(Text, Text),
  /** Answers after a while, if it is let. */
  nap: unary(Nap, Nothing),
});
