import {
  AUDIT_ATTEMPTS,
  generateEncryptionKeys,
  hashChain,
  type ItemInput,
  type ItemResult,
  type Job,
  type Lot,
  marketAbi,
  type Offer,
  PositionalTree,
  randomSecret,
  requesterSeedOf,
  samplerHashOf,
  type Totals,
} from "@millrace/protocol";
import { bytesToHex, type Hex, hexToBigInt, hexToBytes, parseEventLogs, zeroAddress } from "viem";
import { buyer, type Courtroom, provider } from "./courtroom.ts";

/** A job's items, with one cap for all prompts. */
export function itemsOf(bodies: readonly object[], outputTokensCap: number): ItemInput[] {
  return bodies.map((body) => ({
    request: JSON.stringify(body),
    promptTokensCap: 100,
    outputTokensCap,
    samplerHash: samplerHashOf(body),
    requesterSeed: requesterSeedOf(body),
    salt: randomSecret(),
  }));
}

/** The secrets of a job's audit sets, as chains of hashes, and the tree over their ends. */
export function auditOf(itemCount: number) {
  const chains = Array.from({ length: itemCount }, () => hexToBytes(randomSecret()));
  const leaves = chains.map((start) => bytesToHex(hashChain(start, AUDIT_ATTEMPTS)));
  return { chains, auditTree: new PositionalTree(leaves) };
}

/** Opens a job: with an offer to take whole, or as a bid. */
export async function openJob(
  room: Courtroom,
  {
    modelId,
    inputTree,
    auditTree,
    outputTokensCap,
    encryptionKey,
    offer,
  }: {
    modelId: Hex;
    inputTree: PositionalTree;
    auditTree: PositionalTree;
    outputTokensCap: number;
    encryptionKey: Hex;
    offer?: Offer;
  },
): Promise<{ jobId: Hex; job: Job; lot: Lot | undefined }> {
  const request = {
    nonce: hexToBigInt(randomSecret()),
    modelId,
    inputRoot: inputTree.root,
    auditRoot: auditTree.root,
    encryptionKey,
    auditor: zeroAddress,
    itemCount: inputTree.count,
    promptTokensCap: 100,
    outputTokensCap,
    promptLimitPerMillion: 100_000n,
    outputLimitPerMillion: 400_000n,
    startBps: 10_000,
    rampSeconds: 0,
    turnaroundSeconds: 600,
    minLotItems: 1,
    minLotValue: 0n,
  };
  const fills = offer ? [{ offer, signature: "0x", lotItems: [inputTree.count] }] : [];
  const hash = await room.call(buyer, "market", "openJob", [buyer.address, request, fills]);
  const { logs } = await room.reader.getTransactionReceipt({ hash });
  const [opened] = parseEventLogs({ abi: marketAbi, eventName: "JobOpened", logs });
  const [assigned] = parseEventLogs({ abi: marketAbi, eventName: "LotAssigned", logs });
  return { jobId: opened!.args.jobId, job: opened!.args.job, lot: assigned?.args.lot };
}

/** What the provider offers for a model. */
export async function offerOf(modelId: Hex) {
  const { publicKey: encryptionKey } = await generateEncryptionKeys();
  const offer = {
    provider: provider.address,
    modelId,
    encryptionKey,
    promptPricePerMillion: 100_000n,
    outputPricePerMillion: 400_000n,
    capacityItems: 1_000,
    minLotItems: 1,
    maxLotItems: 1_000,
    minLotValue: 0n,
    maxPromptTokens: 1_000,
    maxOutputTokens: 1_000,
    minTurnaroundSeconds: 0,
    validUntil: 2 ** 40 - 1,
    epoch: 0,
    salt: hexToBigInt(randomSecret()) >> 192n,
  };
  return offer;
}

export function totalsUpTo(results: readonly ItemResult[], index: number): Totals {
  const upTo = results.slice(0, index + 1);
  return {
    promptTokens: upTo.reduce((sum, result) => sum + BigInt(result.promptTokens), 0n),
    outputTokens: upTo.reduce((sum, { tokenIds }) => sum + BigInt(tokenIds.length), 0n),
    errors: upTo.filter(({ stopReason }) => stopReason === "error").length,
  };
}
