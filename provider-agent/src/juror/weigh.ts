import type { Engine } from "@millrace/engine";
import {
  type CaseState,
  commitmentOf,
  decodeDeliveryEvidence,
  decodeEvidence,
  decodeResults,
  type Evidence,
  type ItemResult,
  identityBytes,
  judge,
  type Lot,
  lotIdOf,
  MillraceError,
  type ModelSpec,
  marketAbi,
  modelIdOf,
  type Submission,
  storedCommitment,
  type Tolerance,
  voteOf,
  writeReceipts,
} from "@millrace/protocol";
import { type Hex, keccak256, zeroHash } from "viem";
import type { Chain } from "../chain/chain.ts";
import { toAgentError } from "../chain/rpcErrors.ts";
import { claimOf } from "../court/claimOf.ts";
import { AgentError } from "../errors.ts";
import { fetchSealed, openSealed, unusable, unwrapIdentity } from "./fetchSealed.ts";

/** What a juror weighs with. */
export interface Scales {
  chain: Chain;
  engine: Pick<Engine, "score">;
  spec: ModelSpec;
  tolerance: Tolerance;
}

/** One jury's case. */
export interface Matter {
  lot: Lot;
  lotId: Hex;
  state: CaseState;
  evidenceHash: Hex;
  /** Of the evidence, or of a delivery's results: as it was wrapped to our key. */
  wrappedKey: Hex;
  /** Our seat's. */
  identity: string;
  /** Nothing is waited for any more. */
  isLastCall: boolean;
  signal: AbortSignal;
}

/** That a delivery can be had, or cannot: as far from the line as votes of numbers can be. */
const DELIVERED_RATIO = 0;
const UNDELIVERED_RATIO = 256;

/**
 * What a juror votes: a ratio as `voteOf` counts it.
 *
 * @throws AgentError `evidence-missing`: it may come yet; `evidence-unusable`: it never will; MillraceError of the engine
 */
export async function weigh(scales: Scales, matter: Matter): Promise<number> {
  const ratio =
    matter.state.kind === "delivery" ? await weighDelivery(scales, matter) : await weighItems(scales, matter);
  return voteOf(ratio);
}

/** Computes the challenged item again, and those judged with it as far as they are needed. */
async function weighItems(scales: Scales, matter: Matter): Promise<number> {
  const { chain, engine, spec, tolerance } = scales;
  const { lot, lotId, state, evidenceHash, wrappedKey, identity, signal } = matter;
  const key = await unwrapIdentity(identity, wrappedKey);
  const sealed = await fetchSealed(chain, { lot, kind: "evidence", contentHash: evidenceHash, signal });
  const bytes = await openSealed(key, sealed);
  let evidence: Evidence;
  try {
    const { kind, index } = state;
    evidence = decodeEvidence(bytes, { ref: chain.ref, lotId, kind, index, classHash: spec.classHash });
  } catch (cause) {
    throw unusable("The evidence", cause);
  }
  await requireOnChain(scales, evidence);
  const scores = evidence.items.map((item) => () => engine.score(claimOf(lot, item, tolerance), { signal }));
  return judge(scores, tolerance);
}

/** What only the chain can say of evidence. */
async function requireOnChain({ chain, spec }: Scales, { job, lot, submission }: Evidence): Promise<void> {
  await requireCommitted(chain, lot, submission);
  if (job.request.modelId !== modelIdOf(spec))
    throw unusable("The job", new Error("It is for another model."));
  try {
    await chain.client.readContract({
      abi: marketAbi,
      address: chain.ref.market,
      functionName: "requireTerms",
      args: [job],
    });
  } catch (cause) {
    const error = toAgentError("checking a job", cause);
    throw error.code === "transaction-reverted" ? unusable("The job", error) : error;
  }
}

async function requireCommitted(chain: Chain, lot: Lot, submission: Submission): Promise<void> {
  const lotId = lotIdOf(lot);
  const { commitment } = await chain.lotState(lotId);
  if (storedCommitment(commitmentOf(lotId, submission)) === commitment) return;
  throw unusable("The submission", new Error("The Market holds another commitment."));
}

/**
 * Whether the results can be had now, and are what was committed to. Their receipts bind the requests, which are the
 * buyer's secret: where the buyer shows the hashes of those, the receipts are written again and have to be the ones that
 * were committed to; otherwise what is compared is the results' hash, their number and their totals.
 */
async function weighDelivery({ chain, spec }: Scales, matter: Matter): Promise<number> {
  const { lot, lotId, wrappedKey, identity, signal } = matter;
  const submission = await chain.submission(lotId);
  if (!submission)
    throw new AgentError("What was submitted is not seen.", { code: "lot-gone", retryable: true });
  await requireCommitted(chain, lot, submission);
  const key = await unwrapIdentity(identity, wrappedKey);
  if (keccak256(identityBytes(key)) !== submission.resultsKeyHash) {
    throw unusable("The key", new Error("It is not the one that was committed to."));
  }
  const { resultsHash: contentHash, totals } = submission;
  const [sealed, inputLeaves] = await Promise.all([
    fetchSealed(chain, { lot, kind: "results", contentHash, signal }),
    inputLeavesOf(chain, matter),
  ]);
  let results: ItemResult[];
  try {
    ({ results } = decodeResults(await openSealed(key, sealed), { lotId, itemCount: lot.itemCount }));
  } catch (error) {
    // What was committed to is here, and it is not results: that is the provider's doing.
    if (error instanceof MillraceError) return UNDELIVERED_RATIO;
    throw error;
  }
  const outputTokens = results.reduce((sum, { tokenIds }) => sum + BigInt(tokenIds.length), 0n);
  const promptTokens = results.reduce((sum, result) => sum + BigInt(result.promptTokens), 0n);
  const isWhole = outputTokens === totals.outputTokens && promptTokens === totals.promptTokens;
  if (!isWhole) return UNDELIVERED_RATIO;
  if (!inputLeaves) return DELIVERED_RATIO;
  const { jobId, firstItem } = lot;
  const { classHash } = spec;
  const { tree } = writeReceipts({ jobId, firstItem, classHash, inputLeaves, outcomes: results });
  return tree.root === submission.root ? DELIVERED_RATIO : UNDELIVERED_RATIO;
}

/**
 * The leaves that the buyer shows; undefined if they show none, or others than those of the job's input. That they cannot
 * be had is no lack of evidence, which would be held against the provider: here it is the buyer who owes it. But they are
 * waited for, as jurors who see them and jurors who do not may vote on two sides.
 */
async function inputLeavesOf(
  chain: Chain,
  { lot, evidenceHash, isLastCall, signal }: Matter,
): Promise<readonly Hex[] | undefined> {
  if (evidenceHash === zeroHash) return undefined;
  const job = await chain.job(lot.jobId);
  if (!job) throw new AgentError("The job of a lot is not seen.", { code: "lot-gone", retryable: true });
  try {
    const bytes = await fetchSealed(chain, { lot, kind: "evidence", contentHash: evidenceHash, signal });
    return decodeDeliveryEvidence(bytes, { lot, job }).inputLeaves;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    if (error.code === "evidence-missing" && !isLastCall) throw error;
    return undefined;
  }
}
