// The command line: a call that failed, for people and for programs: its code, whether it ran, and what the server added.
import { MarshalError } from "../marshal/errors.ts";
import { CallError } from "../rpc/call-error.ts";
import { detailTypeName, type ErrorDetail } from "../rpc/error-detail.ts";
import type { Execution } from "../rpc/execution.ts";
import { CommandError } from "./command.ts";
import { formatMetadata, formatValue } from "./remote.ts";
import type { Terminal } from "./terminal.ts";

/** A detail as it is shown: the type's full name, and its value as JSON, or as base64 where its type is not known. */
export interface ShownDetail {
  readonly type: string;
  readonly value: unknown;
}

/** Finds out what is in an error's detail; undefined when its type is not known. */
export type ReadDetail = (typeName: string, value: Uint8Array) => Promise<unknown>;

export interface FailureOutput {
  readonly terminal: Terminal;
  /** Print one line of JSON instead of text. */
  readonly json: boolean;
  /** What to try when the server hangs up before it has spoken. */
  readonly whenHungUp?: string | undefined;
  readonly readDetail?: ReadDetail;
}

const executionText: { readonly [word in Execution]: string } = {
  executed: "executed: the handler ran to its end",
  "not-executed": "not executed: the handler did not run, and will not",
  unknown: "unknown whether it was executed",
};

/** Prints what happened. Returns what to throw: the exit status hangs on it. */
export async function describeFailure(error: unknown, output: FailureOutput): Promise<unknown> {
  if (error instanceof CallError) {
    await printCallError(error, output);
    return new CommandError("");
  }
  const text =
    error instanceof MarshalError ? error.message : error instanceof CommandError ? error.message : undefined;
  if (text === undefined) return error;
  if (!output.json) return new CommandError(text);
  output.terminal.err.line(JSON.stringify({ error: { message: text } }));
  return new CommandError("");
}

async function printCallError(error: CallError, output: FailureOutput): Promise<void> {
  const { terminal, json, readDetail, whenHungUp } = output;
  const { err } = terminal;
  const { code, message, execution, phase, attempts, metadata } = error;
  const details = await Promise.all(error.details.map((detail) => showDetail(detail, readDetail)));
  if (json) {
    const values = Object.entries(metadata.toJSON()).map(([name, list]) => [name, list.map(formatValue)]);
    const shown = { code, message, execution, phase, attempts, metadata: Object.fromEntries(values), details };
    err.line(JSON.stringify({ error: shown }));
    return;
  }
  err.line(`${err.style("red", code)}: ${message}`);
  err.line(`  ${executionText[execution]}`);
  if (whenHungUp !== undefined && phase === "connecting" && message.endsWith("closed the connection")) {
    err.line(`  ${whenHungUp}`);
  }
  for (const { type, value } of details) {
    err.line(`  detail ${type}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  for (const line of formatMetadata(metadata)) err.line(`  trailer ${line}`);
}

async function showDetail(detail: ErrorDetail, readDetail: ReadDetail | undefined): Promise<ShownDetail> {
  const type = detailTypeName(detail);
  let known: unknown;
  try {
    known = await readDetail?.(type, detail.value);
  } catch {
    // The error itself matters more than one of its details: it is then shown as it came.
  }
  return { type, value: known ?? formatValue(detail.value) };
}
