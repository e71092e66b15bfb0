import { MillraceError, type MillraceErrorOptions } from "@millrace/protocol";

/** Every refusal of a relay and its HTTP status. Those of 429 and of 500 and more may succeed later. */
export const refusals = {
  "invalid-path": 400,
  "invalid-header": 400,
  "invalid-lot": 400,
  /** The lot's terms do not hash to the lotId in the path, or belong to another job. */
  "lot-mismatch": 400,
  "invalid-query": 400,
  /** The bytes that came are not those that were signed. */
  "content-mismatch": 400,
  "bad-signature": 401,
  /** Only the lot's buyer writes its input and evidence, only its provider its results; or an operator of theirs. */
  "wrong-author": 403,
  "unknown-market": 404,
  "unknown-route": 404,
  "blob-not-found": 404,
  /** The lot was released, expired or closed: nobody waits for its blobs. */
  "lot-over": 409,
  "too-many-versions": 409,
  "length-required": 411,
  "blob-too-large": 413,
  "lot-quota-exceeded": 413,
  "author-quota-exceeded": 429,
  "too-many-failures": 429,
  "too-many-uploads": 429,
  "too-many-waiters": 429,
  internal: 500,
  "chain-unavailable": 503,
  /**
   * The relay's node knows no such lot. Retryable, because an honest author has seen its lot mined:
   * then the relay's node is a block behind.
   */
  "unknown-lot": 503,
  /** Evidence is for a lot that is challenged. Retryable for the same reason. */
  "lot-not-challenged": 503,
  "relay-closing": 503,
  "disk-full": 507,
} as const;

export type RefusalCode = keyof typeof refusals;

/** Why the relay does not do what a request asks. */
export class RelayError extends MillraceError {
  override readonly name = "RelayError";
  declare readonly code: RefusalCode;
  readonly status: number;

  constructor(
    shortMessage: string,
    options: Omit<MillraceErrorOptions, "retryable"> & { code: RefusalCode },
  ) {
    const status = refusals[options.code];
    super(shortMessage, { ...options, retryable: status === 429 || status >= 500 });
    this.status = status;
  }
}

/** Whether `error` is a file system's or a socket's with one of these codes, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(String((error as NodeJS.ErrnoException).code));
}
