import { MillraceError } from "@millrace/protocol";
import type { EngineErrorCode } from "../errors.ts";

/** A file that is not the GGUF that we can read or make. */
export function ggufError(details: string): MillraceError {
  return new MillraceError("This GGUF file cannot be read or made.", {
    code: "not-a-gguf" satisfies EngineErrorCode,
    details,
  });
}
