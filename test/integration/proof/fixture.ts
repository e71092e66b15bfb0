import { fileURLToPath } from "node:url";
import type { BatchEvent } from "@millrace/client";
import { expect } from "vitest";
import {
  type Arena,
  type CheatKind,
  cheatReportOf,
  type Outcome,
  type Slash,
  startArena,
} from "../../helpers/cheats/index.ts";

export const MODEL_PATH = fileURLToPath(
  new URL("../../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url),
);

/** An arena with the bundled model; the tests of a file share one. */
export const openArena = (): Promise<Arena> => startArena({ modelPath: MODEL_PATH });

/** Of each batch, bought as one lot. */
const ITEMS = 8;

/** Plays a cheat, and expects that it loses all that it locked while the buyer loses nothing. */
export async function playToTheEnd(
  arena: Arena,
  kind: CheatKind,
): Promise<Outcome & { slash: Slash; events: BatchEvent[] }> {
  const events: BatchEvent[] = [];
  const outcome = await arena.play({ kind, items: ITEMS, onEvent: (event) => events.push(event) });
  const { slash, result, before, after } = outcome;
  if (!slash) throw new Error(`It was not slashed: ${events.map(({ type }) => type).join(", ")}`);
  expect(result.items).toEqual({ total: ITEMS, completed: ITEMS, failed: 0 });
  expect(result.settlement.locked).toBe(0n);
  // Paid is the honest provider alone, and in full.
  expect(result.settlement.providers).toEqual([
    expect.objectContaining({ address: arena.honest.status().owner, items: ITEMS }),
  ]);
  expect(after.cheat).toBeLessThan(before.cheat);
  expect(after.honest - before.honest).toBe(result.settlement.paid);
  expect(cheatReportOf(outcome, 0)).toMatchObject({ isConserved: true, isBuyerWhole: true });
  return { ...outcome, slash, events };
}
