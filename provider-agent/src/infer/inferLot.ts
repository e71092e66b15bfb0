import { deriveSecret } from "@millrace/protocol";
import { AgentError } from "../errors.ts";
import { readInput } from "../fetch/fetchInput.ts";
import type { StageContext } from "../lots/context.ts";
import type { OwnLot } from "../lots/lotBook.ts";
import { inferItem } from "./inferItem.ts";
import { openItemsLog } from "./itemsLog.ts";

/**
 * Computes what of a lot is not computed yet. Every finished item is on disk before this resolves, and stays there if it
 * does not.
 *
 * @throws AgentError `input-missing` if the kept input is gone
 */
export async function inferLot(context: StageContext, own: OwnLot): Promise<void> {
  const { engine, itemPool, secrets, signal } = context;
  const input = await readInput(context, own);
  if (!input) throw new AgentError("The lot's input is gone.", { code: "input-missing", retryable: true });
  const { lot, lotId } = own;
  const log = await openItemsLog(own.folder);
  try {
    own.itemsDone = log.done.size;
    const indexes = input.items.flatMap((_, index) => (log.done.has(index) ? [] : [index]));
    const written: Promise<void>[] = [];
    await itemPool.run({
      deadline: lot.deadline,
      indexes,
      signal,
      async compute(index) {
        const result = await inferItem(engine, {
          jobId: lot.jobId,
          itemIndex: lot.firstItem + index,
          input: input.items[index]!,
          salt: deriveSecret(secrets.saltSecret, lotId, lot.firstItem + index),
          signal,
        });
        // Not awaited here: the next item need not wait for the disk.
        const write = log.append(index, result);
        write.catch(() => {});
        written.push(write);
        own.itemsDone++;
        context.onItem({
          failed: result.error !== undefined,
          promptTokens: result.promptTokens,
          outputTokens: result.tokenIds.length,
        });
      },
    });
    await Promise.all(written);
  } finally {
    await log.close();
  }
}
