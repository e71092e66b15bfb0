import type { Hex } from "viem";
import { fromJson, readTextIfAny, toJson, writeFileAtomically } from "../lots/files.ts";

export interface BlockRef {
  number: bigint;
  hash: Hex;
}

export interface Settlement {
  lotId: Hex;
  block: bigint;
  /** Base units of the asset: paid less what errors cost. */
  earned: bigint;
}

/** How many blocks are remembered to find where two branches of the chain part. */
const REMEMBERED_BLOCKS = 256;

/** How far the chain has been read, and what was earned up to there. */
export interface Cursor {
  /** The last block read, if any. */
  readonly last: BlockRef | undefined;
  /** The remembered blocks, newest first. */
  remembered(): BlockRef[];
  /** Base units earned in blocks up to the cursor. */
  readonly earned: bigint;
  /** Takes note of a settlement; twice is once. */
  settle(settlement: Settlement): void;
  advance(block: BlockRef): void;
  /** Forgets everything after `block`; undefined: everything remembered. */
  rollBack(block: BlockRef | undefined): void;
  save(): Promise<void>;
}

interface CursorFile {
  blocks: BlockRef[];
  settlements: Settlement[];
  /** Sum of the settlements that are older than the remembered blocks. */
  earnedBefore: bigint;
}

/** Opens the cursor kept at `path`; it is replaced whole at each save, so a crash finds the old or the new. */
export async function openCursor(path: string): Promise<Cursor> {
  const json = await readTextIfAny(path);
  let { blocks, settlements, earnedBefore }: CursorFile =
    json === undefined ? { blocks: [], settlements: [], earnedBefore: 0n } : fromJson<CursorFile>(json);
  return {
    get last() {
      return blocks.at(-1);
    },
    remembered: () => blocks.toReversed(),
    get earned() {
      return settlements.reduce((sum, { earned }) => sum + earned, earnedBefore);
    },
    settle(settlement) {
      if (settlements.some(({ lotId }) => lotId === settlement.lotId)) return;
      settlements.push(settlement);
    },
    advance(block) {
      blocks.push(block);
      if (blocks.length <= REMEMBERED_BLOCKS) return;
      blocks = blocks.slice(-REMEMBERED_BLOCKS);
      const oldest = blocks[0]!.number;
      earnedBefore = settlements
        .filter((settlement) => settlement.block < oldest)
        .reduce((sum, { earned }) => sum + earned, earnedBefore);
      settlements = settlements.filter((settlement) => settlement.block >= oldest);
    },
    rollBack(block) {
      const upTo = block?.number ?? -1n;
      blocks = blocks.filter(({ number }) => number <= upTo);
      settlements = settlements.filter((settlement) => settlement.block <= upTo);
    },
    save: () => writeFileAtomically(path, toJson({ blocks, settlements, earnedBefore } satisfies CursorFile)),
  };
}
