// Example, directories: what the operating system says, as the failure of a call. Codes: errno(3).
import { getSystemErrorMap } from "node:util";
import { CallError, type ErrorCode } from "farcall";

const codes: { readonly [systemCode: string]: ErrorCode } = {
  EEXIST: "ALREADY_EXISTS",
  ENOENT: "NOT_FOUND",
  EACCES: "PERMISSION_DENIED",
  EPERM: "PERMISSION_DENIED",
  EROFS: "PERMISSION_DENIED",
  ENOTEMPTY: "FAILED_PRECONDITION",
  ENOTDIR: "FAILED_PRECONDITION",
  EISDIR: "FAILED_PRECONDITION",
  ELOOP: "FAILED_PRECONDITION",
  EBUSY: "FAILED_PRECONDITION",
  EXDEV: "FAILED_PRECONDITION",
  EINVAL: "INVALID_ARGUMENT",
  ENAMETOOLONG: "INVALID_ARGUMENT",
  ENOSPC: "RESOURCE_EXHAUSTED",
  EDQUOT: "RESOURCE_EXHAUSTED",
  EFBIG: "RESOURCE_EXHAUSTED",
  EMLINK: "RESOURCE_EXHAUSTED",
  EMFILE: "RESOURCE_EXHAUSTED",
  ENFILE: "RESOURCE_EXHAUSTED",
};

/**
 * The failure to throw for a system error of a call about `path`: "OS returned error: EEXIST: file already exists, mkdir
 * 'photos'". The path is the client's own; where the root lies on this machine is not told. Any other error is returned as it is.
 */
export function toCallError(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  const [code, words] = getSystemErrorMap().get(error.errno) ?? ["unknown error", `errno ${error.errno}`];
  const text = `OS returned error: ${code}: ${words}, ${error.syscall} '${path}'`;
  return new CallError(codes[code] ?? "UNKNOWN", text, { cause: error });
}

function isSystemError(error: unknown): error is Error & { readonly errno: number; readonly syscall: string } {
  return error instanceof Error && "errno" in error && "syscall" in error && typeof error.errno === "number";
}
