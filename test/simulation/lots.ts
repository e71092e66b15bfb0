import {
  auditLeafOf,
  encodeSubmit,
  hashReceiptLeaf,
  hashText,
  type Job,
  type JobRequest,
  type Lot,
  type Offer,
  type Submission,
} from "@millrace/protocol";
import { type Address, type Hex, numberToHex } from "viem";
import type { Contracts } from "./contracts.ts";
import { minimum } from "./payout.ts";

const ONE_PER_TOKEN = 1_000_000n;
/** What a voided item is fined, in its prices. */
const FINES_PER_PRICE = 100n;
/** Of the one item of each lot. */
const TOKENS = { prompt: 3, output: 4 };

/** An offer of whatever fits. */
export const offerOf = (provider: Address, modelId: Hex): Offer => ({
  provider,
  modelId,
  encryptionKey: hashText("provider key"),
  promptPricePerMillion: ONE_PER_TOKEN,
  outputPricePerMillion: ONE_PER_TOKEN,
  capacityItems: 1_000_000,
  minLotItems: 1,
  maxLotItems: 1,
  minLotValue: 0n,
  maxPromptTokens: 2 ** 32 - 1,
  maxOutputTokens: 2 ** 32 - 1,
  minTurnaroundSeconds: 60,
  validUntil: 2 ** 40 - 1,
  epoch: 0,
  salt: 0n,
});

/** A submitted lot of one item with that collateral, at most its value. `nonce`: another for each. */
export async function openLot(
  { who, send, sendData, eventOf }: Contracts,
  { modelId, collateral, nonce }: { modelId: Hex; collateral: bigint; nonce: bigint },
) {
  const secret = numberToHex(nonce, { size: 32 });
  const request: JobRequest = {
    nonce,
    modelId,
    inputRoot: hashText("input root"),
    // The tree of one leaf.
    auditRoot: auditLeafOf(secret, 0),
    encryptionKey: hashText("buyer key"),
    auditor: who.auditor,
    itemCount: 1,
    promptTokensCap: Number(collateral) - TOKENS.output,
    outputTokensCap: TOKENS.output,
    promptLimitPerMillion: ONE_PER_TOKEN,
    outputLimitPerMillion: ONE_PER_TOKEN,
    startBps: 0,
    rampSeconds: 60,
    turnaroundSeconds: 600,
    minLotItems: 1,
    minLotValue: 0n,
  };
  const fills = [{ offer: offerOf(who.provider, modelId), signature: "0x", lotItems: [1] }];
  const opened = await send("buyer", "Market", "openJob", [who.buyer, request, fills]);
  const lot = (await eventOf(opened, "Market", "LotAssigned")).lot as Lot;
  const job = (await eventOf(opened, "Market", "JobOpened")).job as Job;
  const receiptHash = hashText("receipt");
  const totals = {
    promptTokens: BigInt(TOKENS.prompt),
    outputTokens: BigInt(TOKENS.output),
    errors: 0,
  };
  const submission: Submission = {
    // Of one leaf, too.
    root: hashReceiptLeaf(receiptHash, totals),
    resultsHash: hashText("results"),
    resultsKeyHash: hashText("results key"),
    totals,
  };
  await sendData("provider", "Market", encodeSubmit([{ lot, submission }]));
  const placed = { receiptHash, totals, path: [] };
  return { job, lot, submission, placed, proof: { secret, path: [], position: 0 } };
}

/** What the fault of an item that can only be voided costs beside the jury, at most `left`. */
export function fineOf(left: bigint): bigint {
  return minimum(FINES_PER_PRICE * BigInt(TOKENS.prompt + TOKENS.output), left);
}
