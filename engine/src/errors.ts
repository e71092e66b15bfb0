import { MillraceError } from "@millrace/protocol";

/** The codes of every error this package throws; callers branch on these. */
export type EngineErrorCode =
  /** The request cannot be served as it stands: the requester's fault, never worth a retry. */
  | "invalid-input"
  /** Something of ours broke while computing. */
  | "engine-failed"
  /** The engine is closed, or closed before the request's turn came. */
  | "engine-closed"
  /** The caller's AbortSignal fired. */
  | "aborted"
  | "model-not-found"
  | "not-a-gguf"
  | "model-hash-mismatch"
  | "model-download-failed"
  /** Honest outputs of the model differ too much to tell wrong ones from them. */
  | "calibration-failed"
  /** By the model's class this machine's honest outputs would be faults, or wrong ones would not. */
  | "calibration-fails-here";

/** @param field the request's field, as a path such as `messages[2].content` */
export function invalidInput(field: string, problem: string, hints: readonly string[] = []): MillraceError {
  return new MillraceError(`${field}: ${problem}`, {
    code: "invalid-input" satisfies EngineErrorCode,
    hints,
  });
}

/** Wraps whatever the native side threw; what already is ours passes through. */
export function engineFailed(doing: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const details = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError(`The engine failed while ${doing}.`, {
    code: "engine-failed" satisfies EngineErrorCode,
    retryable: true,
    details,
    cause,
  });
}

export function engineClosed(): MillraceError {
  return new MillraceError("The engine is closed.", {
    code: "engine-closed" satisfies EngineErrorCode,
    retryable: true,
  });
}

/** @throws MillraceError `aborted`, with the signal's reason as its cause */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

export function aborted(signal: AbortSignal): MillraceError {
  return new MillraceError("The caller aborted the operation.", {
    code: "aborted" satisfies EngineErrorCode,
    cause: signal.reason,
  });
}
