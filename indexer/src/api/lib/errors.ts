import type { IndexerError } from "@millrace/protocol";

/** What a request is refused with. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: 400 | 404 | 503;
  readonly code: string;
  readonly hints: readonly string[];

  constructor(status: 400 | 404 | 503, code: string, message: string, hints: readonly string[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.hints = hints;
  }
}

export const errorBody = (code: string, message: string, hints: readonly string[] = []): IndexerError => ({
  error: { code, message, hints: [...hints] },
});

/** @param what "model", "job", … */
export const unknown = (what: string, id: string) =>
  new ApiError(404, `unknown-${what}`, `There is no ${what} ${id}.`, [
    "It may be in a block that is not read yet: see /v1/status.",
  ]);
