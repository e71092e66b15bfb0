import { MillraceError } from "@millrace/protocol";

/** Whether the indexer refused a request as it is: the same one is refused at every block. What it does not know yet may come. */
export function isRefused(error: Error | null): boolean {
  return error instanceof MillraceError && error.code === "invalid-request";
}
