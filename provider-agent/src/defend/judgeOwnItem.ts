import { AUDIT_POSITIONS, type CaseState, CLEAN_RATIO, judge, judgedItems } from "@millrace/protocol";
import { zeroHash } from "viem";
import { readResults } from "../commit/commitLot.ts";
import { claimOf } from "../court/claimOf.ts";
import { readInput } from "../fetch/fetchInput.ts";
import type { StageContext } from "../lots/context.ts";
import type { OwnLot } from "../lots/lotBook.ts";

/**
 * Whether our own machine, computing a disputed item of ours again, finds it clean, as a juror would.
 *
 * @throws AgentError `input-missing`, `self-check-failed`; MillraceError of the engine
 */
export async function judgeOwnItem(
  context: StageContext,
  own: OwnLot,
  { kind, index }: CaseState,
): Promise<boolean> {
  const { engine, tolerance, signal } = context;
  const input = await readInput(context, own);
  if (!tolerance || !input) return false;
  const results = await readResults(own);
  const { itemCount } = own.lot;
  // Of a larger lot, which items are judged with it only the buyer's secret tells: then it has to be clean alone.
  const indices =
    kind === "audit" && itemCount <= AUDIT_POSITIONS ? judgedItems(zeroHash, itemCount, index) : [index];
  const scores = indices.map((item) => () => {
    const claim = claimOf(
      own.lot,
      { index: item, input: input.items[item]!, result: results[item]! },
      tolerance,
    );
    return engine.score(claim, { signal });
  });
  return (await judge(scores, tolerance)) <= CLEAN_RATIO;
}
