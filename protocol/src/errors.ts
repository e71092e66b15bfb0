/** What every error of Millrace carries; see {@link MillraceError}. */
export interface MillraceErrorOptions {
  /** Stable, machine-readable, in kebab-case; callers branch on this, never on text. */
  code: string;
  /** Whether doing the same again later may succeed. Default: false. */
  retryable?: boolean;
  /** What the user can do about it, one line each. */
  hints?: readonly string[];
  /** The particulars: values, paths, limits. */
  details?: string;
  cause?: unknown;
}

/**
 * The root of all our errors.
 *
 * @example
 * throw new MillraceError("No offer for this model.", { code: "unknown-model", hints: ["Run `millrace models`."] });
 */
export class MillraceError extends Error {
  override readonly name: string = "MillraceError";
  readonly shortMessage: string;
  readonly code: string;
  readonly retryable: boolean;
  readonly details: string | undefined;
  readonly hints: readonly string[];

  constructor(shortMessage: string, options: MillraceErrorOptions) {
    const hints = options.hints ?? [];
    const lines = [shortMessage, ...(options.details ? [options.details] : []), ...hints];
    super(lines.join("\n"), options.cause === undefined ? undefined : { cause: options.cause });
    this.shortMessage = shortMessage;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
    this.hints = hints;
  }

  /** Returns the first error in the chain of causes that `match` accepts, or undefined. */
  walk(match: (error: unknown) => boolean): unknown {
    let current: unknown = this;
    while (current !== undefined && current !== null) {
      if (match(current)) return current;
      current = current instanceof Error ? current.cause : undefined;
    }
    return undefined;
  }
}
