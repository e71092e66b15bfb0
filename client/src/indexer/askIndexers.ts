import { MillraceError } from "@millrace/protocol";
import { isAddressEqual } from "viem";
import type { Core } from "../core/core.ts";
import type { IndexerClient } from "./createIndexerClient.ts";

/** An indexer that takes longer is of no use: the chain is asked instead. */
const PATIENCE_MS = 2_000;
/** One that failed is left alone for so long. */
const REST_MS = 30_000;
/** One that is further behind does not keep up, and is taken for broken. */
const MOST_BLOCKS_BEHIND = 300n;
/** What it has of its last blocks is not used: it may know other ones than the chain's node, after a reorg. */
const REORG_BLOCKS = 256n;

/** What an indexer said. */
export interface Indexed<T> {
  value: T;
  /** From here on events have to be read from the chain: what is in earlier blocks, the indexer has. */
  nextBlock: bigint;
}

const resting = new WeakMap<IndexerClient, number>();

/**
 * Asks the first of the network's indexers that is of use, and gives undefined where none is: down, slow, of another market,
 * or far behind. Never throws: all that an indexer tells, the chain tells too. The caller checks what it gets against the
 * chain; that something is left out nobody can see.
 *
 * @param head the chain's latest block
 * @param read asks for what is wanted; it may be live at later blocks than `nextBlock`, and has to be complete up to there
 */
export async function askIndexers<T>(
  { indexers, network, clock }: Core,
  { head, read }: { head: bigint; read: (indexer: IndexerClient, signal: AbortSignal) => Promise<T> },
): Promise<Indexed<T> | undefined> {
  for (const indexer of indexers) {
    if ((resting.get(indexer) ?? 0) > clock.now()) continue;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      // Asked first: what comes after it can only be newer.
      const { chainId, market, block } = await indexer.status({ signal });
      const isOurs = chainId === network.chainId && isAddressEqual(market, network.market);
      if (!isOurs || head - BigInt(block) > MOST_BLOCKS_BEHIND) continue;
      const value = await read(indexer, signal);
      const nextBlock = BigInt(block) - REORG_BLOCKS;
      return { value, nextBlock: nextBlock > network.deployBlock ? nextBlock : network.deployBlock };
    } catch (error) {
      const isRefusal = error instanceof MillraceError && error.code.startsWith("unknown-");
      if (!isRefusal) resting.set(indexer, clock.now() + REST_MS);
    }
  }
  return undefined;
}
