import { MillraceError } from "@millrace/protocol";

/** One thing wrong with a batch file. */
export interface BatchFileProblem {
  /** Counted from 1. */
  line: number;
  /** Path into the line's object, as `body.messages[0].role`; empty for the line as a whole. */
  field: string;
  message: string;
  code: "malformed-line" | "duplicate-custom-id";
}

/** So many problems are listed; the rest is counted. */
const LISTED_PROBLEMS = 10;

/** A batch file that cannot be run. Its code is that of its first problem. */
export class BatchFileError extends MillraceError {
  override readonly name = "BatchFileError";
  /** The first {@link LISTED_PROBLEMS}. */
  readonly problems: readonly BatchFileProblem[];

  constructor(problems: readonly BatchFileProblem[], count: number) {
    const listed = problems.slice(0, LISTED_PROBLEMS);
    const lines = listed.map(
      ({ line, field, message }) => `line ${line}${field && `, ${field}`}: ${message}`,
    );
    if (count > listed.length) lines.push(`and ${count - listed.length} more`);
    super(count === 1 ? "The batch file has a problem." : `The batch file has ${count} problems.`, {
      code: problems[0]?.code ?? "malformed-line",
      details: lines.join("\n"),
      hints: ["Nothing was sent and nothing was spent."],
    });
    this.problems = listed;
  }
}

/** Gathers problems, keeping no more than are shown. */
export class BatchFileProblems {
  readonly #problems: BatchFileProblem[] = [];
  #count = 0;

  add(problem: BatchFileProblem): void {
    this.#count++;
    if (this.#problems.length < LISTED_PROBLEMS) this.#problems.push(problem);
  }

  /** @throws BatchFileError if there are any. */
  throwIfAny(): void {
    if (this.#count > 0) throw new BatchFileError(this.#problems, this.#count);
  }
}
