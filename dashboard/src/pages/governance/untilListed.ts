import type { IndexerClient } from "@millrace/client";

const PAUSE_MS = 250;
const MOST_ATTEMPTS = 40;

/** Resolves once the indexer knows a proposal that was just mined, so that its page is there; or gives up after seconds. */
export async function untilListed(indexer: IndexerClient | undefined, proposalId: bigint): Promise<void> {
  const id = String(proposalId);
  for (let attempt = 0; indexer && attempt < MOST_ATTEMPTS; attempt++) {
    // In the list, for asking for what is not there yet is an error in the browser's console.
    const newest = await indexer.proposals().catch(() => undefined);
    if (newest?.items.some((proposal) => proposal.proposalId === id)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
