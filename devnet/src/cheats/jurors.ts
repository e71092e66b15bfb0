import { join } from "node:path";
import type { Engine } from "@millrace/engine";
import { type ModelClass, type Network, parseAmount } from "@millrace/protocol";
import { createJuror, type Juror } from "@millrace/provider-agent";
import { localAccounts } from "../accounts.ts";
import { fund } from "../fund.ts";

/** One first jury. */
const JURORS = 5;
/** More than a seat stakes. */
const DEPOSIT = parseAmount("2");

/**
 * Seats jurors who share an engine, and who each compute and vote for themselves. Their seats count for jobs that are
 * opened once they are active.
 */
export async function seatJurors(
  network: Network,
  { engine, modelClass, folder }: { engine: Engine; modelClass: ModelClass; folder: string },
): Promise<AsyncDisposable & { jurors: readonly Juror[] }> {
  const stack = new AsyncDisposableStack();
  try {
    const jurors = await Promise.all(
      Array.from({ length: JURORS }, async (_, number) => {
        const account = localAccounts.juror(number);
        await fund(network, { account, mint: 0n, deposit: DEPOSIT });
        const juror = stack.use(
          createJuror({ network, account, engine, modelClass, folder: join(folder, `juror-${number}`) }),
        );
        await juror.start();
        return juror;
      }),
    );
    const owned = stack.move();
    return { jurors, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
