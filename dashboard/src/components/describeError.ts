import { MillraceError } from "@millrace/protocol";

export interface ErrorDescription {
  code: string | undefined;
  title: string;
  details: string | undefined;
  hints: readonly string[];
}

/** An error in words. What is none of ours shows its first line: libraries' messages go on with traces and versions. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof MillraceError) {
    const { code, shortMessage, details, hints } = error;
    return { code, title: shortMessage, details, hints };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: undefined,
    title: message.split("\n")[0] || "Something failed.",
    details: undefined,
    hints: [],
  };
}
