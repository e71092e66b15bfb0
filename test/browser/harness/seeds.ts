import {
  encodeSubmit,
  type Fill,
  generateEncryptionKeys,
  type JobRequest,
  type Lot,
  marketAbi,
  millAbi,
  type Network,
  type Offer,
  parseAmount,
  randomSecret,
  stakedMillAbi,
} from "@millrace/protocol";
import { createPublicClient, decodeFunctionData, type Hex, http, maxUint256, zeroAddress } from "viem";
import { localAccounts } from "../../../devnet/src/accounts.ts";
import { fund } from "../../../devnet/src/fund.ts";
import { send } from "../../integration/client/chain.ts";

/** In wei. */
const HALF_OF_ALL_MILL = 500_000_000n * 10n ** 18n;

/** Stakes half of all MILL for its holder, who has its votes then; the other half stays in the wallet. */
export async function stakeHalf(network: Network): Promise<void> {
  const account = localAccounts.millHolder;
  const mill = { abi: millAbi, address: network.mill };
  const staked = { abi: stakedMillAbi, address: network.stakedMill };
  await send(network, account, { ...mill, functionName: "approve", args: [network.stakedMill, maxUint256] });
  await send(network, account, { ...staked, functionName: "stake", args: [HALF_OF_ALL_MILL] });
}

/** Offers to compute one item for a tenth of what the working provider takes; nobody stands behind it. */
export async function postIdleOffer(network: Network): Promise<Offer> {
  const offer = await postedOffer(network);
  const account = localAccounts.provider(2);
  await fund(network, { account, mint: 0n, deposit: parseAmount("10") });
  const idle = {
    ...offer,
    provider: account.address,
    promptPricePerMillion: offer.promptPricePerMillion / 10n,
    outputPricePerMillion: offer.outputPricePerMillion / 10n,
    capacityItems: 1,
    minLotItems: 1,
    minLotValue: 0n,
    // 64 bits.
    salt: BigInt(randomSecret()) >> 192n,
  };
  await send(network, account, { ...marketOf(network), functionName: "postOffer", args: [idle] });
  return idle;
}

/** Opens a job of three items for the buyer, at a price for which nobody computes; returns its id. */
export async function openUnwantedJob(network: Network): Promise<Hex> {
  const { modelId } = await postedOffer(network);
  return openJob(network, { modelId, itemCount: 3, promptLimitPerMillion: 1n, outputLimitPerMillion: 1n });
}

/** Opens a job of one item for the buyer, which a provider takes that then does no more. */
export async function openTakenJob(network: Network): Promise<{ jobId: Hex; lot: Lot }> {
  const offer = await postIdleOffer(network);
  const request = {
    modelId: offer.modelId,
    itemCount: 1,
    promptLimitPerMillion: offer.promptPricePerMillion,
    outputLimitPerMillion: offer.outputPricePerMillion,
  };
  const jobId = await openJob(network, request, [{ offer, signature: "0x", lotItems: [1] }]);
  const assigned = await eventsOf(network, "LotAssigned");
  return { jobId, lot: assigned.at(-1)!.args.lot };
}

/** Opens such a job whose provider answers it; returns its id. */
export async function openAnsweredJob(network: Network): Promise<Hex> {
  const { jobId, lot } = await openTakenJob(network);
  const submission = {
    root: randomSecret(),
    resultsHash: randomSecret(),
    resultsKeyHash: randomSecret(),
    totals: { promptTokens: 60n, outputTokens: 40n, errors: 0 },
  };
  const { args } = decodeFunctionData({ abi: marketAbi, data: encodeSubmit([{ lot, submission }]) });
  const call = { ...marketOf(network), functionName: "submit", args: args ?? [] };
  await send(network, localAccounts.provider(2), call);
  return jobId;
}

async function openJob(
  network: Network,
  asked: Pick<JobRequest, "modelId" | "itemCount" | "promptLimitPerMillion" | "outputLimitPerMillion">,
  fills: readonly Fill[] = [],
): Promise<Hex> {
  const request: JobRequest = {
    ...asked,
    nonce: BigInt(randomSecret()),
    inputRoot: randomSecret(),
    auditRoot: randomSecret(),
    encryptionKey: (await generateEncryptionKeys()).publicKey,
    auditor: zeroAddress,
    promptTokensCap: 100,
    outputTokensCap: 100,
    startBps: 10_000,
    rampSeconds: 0,
    turnaroundSeconds: 600,
    minLotItems: 1,
    minLotValue: 0n,
  };
  const { buyer } = localAccounts;
  const args = [buyer.address, request, fills];
  await send(network, buyer, { ...marketOf(network), functionName: "openJob", args });
  const opened = await eventsOf(network, "JobOpened");
  return opened.at(-1)!.args.jobId;
}

const marketOf = (network: Network) => ({ abi: marketAbi, address: network.market }) as const;

async function eventsOf<Name extends "OfferPosted" | "JobOpened" | "LotAssigned">(
  network: Network,
  eventName: Name,
) {
  const reader = createPublicClient({ transport: http(network.rpcUrl), cacheTime: 0 });
  const { deployBlock: fromBlock } = network;
  return reader.getContractEvents({ ...marketOf(network), eventName, fromBlock, strict: true });
}

/** The first that was posted. */
async function postedOffer(network: Network): Promise<Offer> {
  const [posted] = await eventsOf(network, "OfferPosted");
  return posted!.args.offer;
}
