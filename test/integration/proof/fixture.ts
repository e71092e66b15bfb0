import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import {
  type Arena,
  type CheatKind,
  cheatReportOf,
  type Outcome,
  startArena,
} from "../../helpers/cheats/index.ts";

const MODEL_PATH = fileURLToPath(new URL("../../../models/tinystory-chat-2.8m-q8_0.gguf", import.meta.url));

/** An arena with the bundled model; the tests of a file share one. */
export const openArena = (): Promise<Arena> => startArena({ modelPath: MODEL_PATH });

/** Plays a cheat, and expects that it loses all that it locked while the buyer loses nothing. */
export async function playToTheEnd(arena: Arena, kind: CheatKind): Promise<Outcome & { slash: object }> {
  const outcome = await arena.play({ kind });
  const { slash, result, before, after } = outcome;
  expect(slash, "the cheat was not slashed").toBeDefined();
  expect(result.items).toEqual({ total: 16, completed: 16, failed: 0 });
  expect(result.settlement.locked).toBe(0n);
  // Paid is the honest provider alone, and in full.
  expect(result.settlement.providers.map(({ address, items }) => ({ address, items }))).toEqual([
    { address: arena.honest.status().owner, items: 16 },
  ]);
  expect(after.cheat).toBeLessThan(before.cheat);
  expect(after.honest - before.honest).toBe(result.settlement.paid);
  expect(cheatReportOf(outcome, 0)).toMatchObject({ isConserved: true, isBuyerWhole: true });
  return { ...outcome, slash: slash! };
}
