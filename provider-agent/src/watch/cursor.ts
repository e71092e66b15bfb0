import type { Hex } from "viem";
import { fromJson, readTextIfAny, toJson, writeFileAtomically } from "../lots/files.ts";

export interface BlockRef {
  number: bigint;
  hash: Hex;
}

/** Something that the chain paid us. */
export interface Earning {
  /** Tells it apart from every other. */
  id: string;
  block: bigint;
  /** Base units of the asset, less what errors cost. */
  amount: bigint;
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
  /** Takes note of an earning; twice is once. */
  earn(earning: Earning): void;
  advance(block: BlockRef): void;
  /** Forgets everything after `block`; undefined: everything remembered. */
  rollBack(block: BlockRef | undefined): void;
  save(): Promise<void>;
}

interface CursorFile {
  blocks: BlockRef[];
  earnings: Earning[];
  /** Sum of the earnings that are older than the remembered blocks. */
  earnedBefore: bigint;
}

/** Opens the cursor kept at `path`; it is replaced whole at each save, so a crash finds the old or the new. */
export async function openCursor(path: string): Promise<Cursor> {
  const json = await readTextIfAny(path);
  let { blocks, earnings, earnedBefore }: CursorFile =
    json === undefined ? { blocks: [], earnings: [], earnedBefore: 0n } : fromJson<CursorFile>(json);
  return {
    get last() {
      return blocks.at(-1);
    },
    remembered: () => blocks.toReversed(),
    get earned() {
      return earnings.reduce((sum, { amount }) => sum + amount, earnedBefore);
    },
    earn(earning) {
      if (earnings.some(({ id }) => id === earning.id)) return;
      earnings.push(earning);
    },
    advance(block) {
      blocks.push(block);
      if (blocks.length <= REMEMBERED_BLOCKS) return;
      blocks = blocks.slice(-REMEMBERED_BLOCKS);
      const oldest = blocks[0]!.number;
      earnedBefore = earnings
        .filter((earning) => earning.block < oldest)
        .reduce((sum, { amount }) => sum + amount, earnedBefore);
      earnings = earnings.filter((earning) => earning.block >= oldest);
    },
    rollBack(block) {
      const upTo = block?.number ?? -1n;
      blocks = blocks.filter(({ number }) => number <= upTo);
      earnings = earnings.filter((earning) => earning.block <= upTo);
    },
    save: () => writeFileAtomically(path, toJson({ blocks, earnings, earnedBefore } satisfies CursorFile)),
  };
}
