// Marshal layer, ProtoJSON: google.protobuf.FieldMask as one string: paths with commas between, in lowerCamelCase.
import { MarshalError } from "../errors.ts";

/** Joins paths. Throws a `MarshalError` for one that would read back as another. */
export function formatFieldMask(paths: readonly string[]): string {
  return paths
    .map((path) => {
      if (/^[a-z0-9_.]*$/.test(path) && !/_(?![a-z])/.test(path)) {
        return path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      }
      throw new MarshalError("wrong-type", "a path that is not in lower_snake_case has no form in JSON");
    })
    .join(",");
}

/** Splits a mask into paths. Throws a `MarshalError`. */
export function parseFieldMask(text: string): string[] {
  if (text === "") return [];
  return text.split(",").map((path) => {
    if (!/^[A-Za-z0-9.]+$/.test(path)) throw new MarshalError("wrong-type", "expected paths in lowerCamelCase");
    return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  });
}
