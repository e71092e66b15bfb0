import { createMemoryState, createMillrace } from "@millrace/client";
import type { Network } from "@millrace/protocol";
import { localAccounts } from "../../../devnet/src/accounts.ts";
import { passSeconds, skipIdlePhases } from "../../../devnet/src/cheats/skipAhead.ts";
import { stakeHalf } from "./seeds.ts";
import { stories } from "./stories.ts";

/** Where the dashboard shows what was seeded. */
export interface SeededPaths {
  provider: string;
  /** Paid for. */
  job: string;
  /** Over: the provider was right. */
  dispute: string;
  /** Being voted on. */
  proposal: string;
}

/**
 * Lets things happen in a market, so that its pages have something to show: a paid batch, a case that jurors decided, and
 * a proposal with a vote.
 */
export async function seedMarket(network: Network): Promise<SeededPaths> {
  const buyer = createMillrace({ network, account: localAccounts.buyer, state: createMemoryState() });
  const { batchId } = await buyer.batches.run({ input: stories(6) });
  const { jobs } = await buyer.batches.retrieve({ batchId });
  const dispute = await seedDispute(network);
  await stakeHalf(network);
  // The Governor counts the votes of the second before.
  await passSeconds(network, 1);
  const holder = createMillrace({ network, account: localAccounts.millHolder });
  const { proposalId } = await holder.governance.propose({
    market: { feeBps: 200 },
    description: "A fee of two per cent\n\nIt pays for the jurors of tomorrow.",
  });
  await whenActive(() => holder.governance.proposals.retrieve({ proposalId }));
  await holder.governance.vote({ proposalId, support: "for", reason: "It helps." });
  return {
    provider: `/providers/${localAccounts.provider(0).address}`,
    job: `/jobs/${jobs[0]!.jobId}`,
    dispute,
    proposal: `/governance/${proposalId}`,
  };
}

/** Takes an honest answer to court, and follows the case to its end. */
async function seedDispute(network: Network): Promise<string> {
  const buyer = createMillrace({ network, account: localAccounts.buyer, state: createMemoryState() });
  const over = new AbortController();
  const skipping = skipIdlePhases(network, { doesProviderAnswer: true, signal: over.signal });
  try {
    let caseId = "";
    const stop = new AbortController();
    const challenging = Promise.withResolvers<{ batchId: string; lotId: `0x${string}` }>();
    let batchId = "";
    const running = buyer.batches.run({
      input: stories(2, "a disputed dog"),
      pay: "by-hand",
      signal: stop.signal,
      onProgress: (event) => {
        if (event.type === "started") batchId = event.batchId;
        if (event.type === "lot-verified") challenging.resolve({ batchId, lotId: event.lotId });
        if (event.type === "case-concluded") {
          caseId = `${event.lotId}-1`;
          stop.abort();
        }
      },
    });
    running.catch((error: unknown) => challenging.reject(error));
    await buyer.cases.challenge({ ...(await challenging.promise), index: 0 });
    await running.catch((error: unknown) => {
      if (caseId === "") throw error;
    });
    return `/disputes/${caseId}`;
  } finally {
    over.abort();
    await skipping;
  }
}

/** Waits for the chain's clock to reach the vote. */
async function whenActive(read: () => Promise<{ state: string }>): Promise<void> {
  while ((await read()).state === "pending") await new Promise((resolve) => setTimeout(resolve, 200));
}
