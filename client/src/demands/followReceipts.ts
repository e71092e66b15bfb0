import {
  committedPath,
  type Fault,
  faultsAbi,
  findFault,
  hashReceipt,
  hashReceiptLeaf,
  itemOf,
  type Job,
  type KnownReceipt,
  knownReceipts,
  type Lot,
  lotIdOf,
  nextDemand,
  type ReceiptBook,
  type Submission,
  verifyPath,
} from "@millrace/protocol";
import { encodeFunctionData } from "viem";
import { ContractError } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { SigningCore } from "../core/core.ts";
import type { JobInput } from "../input/items.ts";
import { listModels } from "../market/listModels.ts";
import { readDemands } from "./readDemands.ts";

/** Results that are not what was committed to, with the receipts that they would have. */
export interface Departure extends Pick<ReceiptBook, "receipts" | "tree"> {
  /** By place in the lot. */
  tokenIds: readonly (readonly number[])[];
}

export interface FollowReceiptsOptions {
  job: Job;
  lot: Lot;
  submission: Submission;
  departure: Departure;
  input: JobInput;
  /** No later than the lot's submission. */
  fromBlock: bigint;
}

/** Where the search stands. */
export type Followed =
  /** What was shown proves it. */
  | { state: "proven"; fault: Fault }
  /** A receipt was demanded, or failed to come: the chain's events tell how it goes on. */
  | { state: "waiting" }
  /** A receipt contradicts what was delivered, in a way that hashes alone do not prove; or no more can be demanded. */
  | { state: "exhausted" };

/** What ends the search: there is nothing to gain from it any more. */
const REFUSALS = ["Faults_TooManyDemands", "Ledger_InsufficientFree", "Operators_AllowanceExceeded"];

/**
 * Goes one step further in finding where the tree that a provider committed to departs from what it delivered, by demanding
 * receipts on-chain. Remembers nothing: what was demanded and shown is read from the chain.
 *
 * @throws MillraceError `chain-unreachable` (retryable), or those of sending a transaction
 */
export async function followReceipts(core: SigningCore, options: FollowReceiptsOptions): Promise<Followed> {
  const { job, lot, departure, fromBlock } = options;
  const lotId = lotIdOf(lot);
  const [{ open, shown }, now] = await Promise.all([
    readDemands(core, { lotId, fromBlock }),
    chainTime(core),
  ]);
  const fault = await findShownFault(core, options, shown);
  if (fault) return { state: "proven", fault };
  const late = open.find(({ deadline }) => now > deadline);
  if (late) {
    const args = [lot, BigInt(late.index)] as const;
    return act(core, encodeFunctionData({ abi: faultsAbi, functionName: "failDemand", args }));
  }
  if (open.length > 0) return { state: "waiting" };
  // Where one receipt says other than its delivery and is no fault, the next ones will not be either.
  if (shown.some(({ index, ...placed }) => leafOf(placed) !== departure.tree.node(0, index))) {
    return { state: "exhausted" };
  }
  const index = nextDemand(departure.tree, shown);
  if (index === undefined) return { state: "exhausted" };
  const args = [job, lot, BigInt(index)] as const;
  return act(core, encodeFunctionData({ abi: faultsAbi, functionName: "demandReceipt", args }));
}

async function act({ network, sender }: SigningCore, data: `0x${string}`): Promise<Followed> {
  try {
    await sender.send({ to: network.faults, data });
    return { state: "waiting" };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    // Someone was quicker, or our clock is ahead of the chain's: the next look tells.
    return { state: REFUSALS.includes(error.errorName) ? "exhausted" : "waiting" };
  }
}

/** The first fault that the receipts shown prove, each together with the one before it where that is known. */
async function findShownFault(
  core: SigningCore,
  { job, lot, submission, departure, input }: FollowReceiptsOptions,
  shown: readonly (Omit<KnownReceipt, "path"> & { path: readonly `0x${string}`[] })[],
): Promise<Fault | undefined> {
  if (shown.length === 0) return undefined;
  const models = await listModels(core);
  const spec = models.find(({ modelId }) => modelId === job.request.modelId)?.spec;
  return findFault({
    lot,
    submission,
    job,
    ...(spec && { spec }),
    input: {
      itemAt: (index) => itemOf(index, input.items[index]!),
      pathAt: (index) => input.tree.path(index),
    },
    receipts: [...shown, ...predecessors(submission, departure, shown)]
      .toSorted((a, b) => a.index - b.index)
      .map((known) => ({ ...known, outputTokenIds: departure.tokenIds[known.index]! })),
  });
}

/** Of receipts that were shown, those before them that were not, and that the tree holds as they were delivered. */
function predecessors(
  { root }: Submission,
  { receipts, tree }: Departure,
  shown: readonly (Omit<KnownReceipt, "path"> & { path: readonly `0x${string}`[] })[],
): KnownReceipt[] {
  const delivered = knownReceipts(receipts);
  const leaves = shown.map((known) => ({ ...known, leaf: leafOf(known) }));
  return shown.flatMap(({ index }) => {
    const before = index - 1;
    if (before < 0 || shown.some((other) => other.index === before)) return [];
    const path = committedPath(tree, leaves, before);
    if (!path || !verifyPath(root, tree.count, tree.node(0, before), before, path)) return [];
    return [{ ...delivered[before]!, path }];
  });
}

const leafOf = ({ receipt, totals }: Pick<KnownReceipt, "receipt" | "totals">) =>
  hashReceiptLeaf(hashReceipt(receipt), totals);
