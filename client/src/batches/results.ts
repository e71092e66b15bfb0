import { MillraceError } from "@millrace/protocol";
import type { Core } from "../core/core.ts";
import { readOutput } from "../output/writeOutput.ts";
import { readRecord } from "./record.ts";

/**
 * The output of a finished batch, line by line (without line ends), as OpenAI's batch output has it: every `custom_id`
 * once, in the order of the input.
 *
 * @throws MillraceError `unknown-batch`, `other-network`, `batch-unfinished`
 */
export async function* batchResults(core: Core, { batchId }: { batchId: string }): AsyncGenerator<string> {
  const { finishedAtMs } = await readRecord(core, batchId);
  if (finishedAtMs === undefined) {
    throw new MillraceError(`Batch ${batchId} is not finished.`, {
      code: "batch-unfinished",
      retryable: true,
    });
  }
  yield* readOutput(core, batchId);
}
