import {
  developmentAccount,
  governorAbi,
  millAbi,
  parametersAbi,
  stakedMillAbi,
  timelockAbi,
} from "@millrace/protocol";
import { type Address, encodeFunctionData, type Hex, keccak256, parseEther, stringToHex } from "viem";
import { type ContractName, eventOf, type MarketDriver } from "../marketDriver.ts";
import { accept, deliver, fillOf, openJob, postOffer, publishModel } from "../trading.ts";
import type { Scene } from "./scene.ts";

/** Of the local deployment: who has all MILL at first. It decides every vote. */
const treasury = developmentAccount(19).address;
const QUORUM_PARTS = 25n;
const COOLDOWN_SECONDS = 120;
const VOTING_SECONDS = 60;
const PAUSE_COOLDOWN_SECONDS = 14 * 86_400;
const [AGAINST, FOR, ABSTAIN] = [0, 1, 2];

/** Someone new who has staked MILL. */
async function staker(market: MarketDriver, amount = parseEther("1000")): Promise<Address> {
  const { address } = market.somebody();
  await market.send(treasury, "mill", "transfer", [address, 2n * amount]);
  await market.send(address, "mill", "approve", [market.network.stakedMill, 2n * amount]);
  await market.send(address, "stakedMill", "stake", [amount]);
  return address;
}

/** Lets the treasury stake twice a quorum, if it has no such votes yet. */
async function summonTreasury(market: MarketDriver): Promise<void> {
  const { reader, network } = market;
  const mill = { address: network.mill, abi: millAbi } as const;
  const quorum = (await reader.readContract({ ...mill, functionName: "totalSupply" })) / QUORUM_PARTS;
  const votes = await reader.readContract({
    address: network.stakedMill,
    abi: stakedMillAbi,
    functionName: "getVotes",
    args: [treasury],
  });
  if (votes >= quorum) return;
  await market.send(treasury, "mill", "approve", [network.stakedMill, 2n * quorum]);
  await market.send(treasury, "stakedMill", "stake", [2n * quorum]);
}

interface Proposal {
  proposalId: bigint;
  /** As the governor takes them. */
  calls: readonly [Address[], bigint[], Hex[], Hex];
}

/** Proposes these calls. */
async function propose(
  market: MarketDriver,
  by: Address,
  calls: readonly { contract: ContractName; data: Hex }[],
): Promise<Proposal> {
  const targets = calls.map(({ contract }) => market.network[contract]);
  const values = calls.map(() => 0n);
  const calldatas = calls.map(({ data }) => data);
  const description = `Proposal ${market.word()}`;
  const args = [targets, values, calldatas, description] as const;
  const logs = await market.send(by, "governor", "propose", args);
  const { proposalId } = eventOf(logs, governorAbi, "ProposalCreated");
  await market.lapse(2);
  return { proposalId, calls: [targets, values, calldatas, keccak256(stringToHex(description))] };
}

/** Votes for a proposal with the treasury and queues it. Returns the timelock's operation. */
async function pass(market: MarketDriver, { proposalId, calls }: Proposal): Promise<Hex> {
  await market.send(treasury, "governor", "castVote", [proposalId, FOR]);
  await market.lapse(VOTING_SECONDS + 1);
  const logs = await market.send(market.somebody().address, "governor", "queue", calls);
  await market.lapse(2);
  return eventOf(logs, timelockAbi, "CallScheduled").id;
}

async function execute(market: MarketDriver, { calls }: Proposal): Promise<void> {
  await market.send(market.somebody().address, "governor", "execute", calls);
}

/** Proposes these calls, and sees them through. */
async function decree(
  market: MarketDriver,
  calls: readonly { contract: ContractName; data: Hex }[],
): Promise<void> {
  await summonTreasury(market);
  const proposal = await propose(market, treasury, calls);
  await pass(market, proposal);
  await execute(market, proposal);
}

/** New parameters, after a vote in which people say why. */
const newParameters: Scene = async (market) => {
  await summonTreasury(market);
  const [first, second] = [await staker(market), await staker(market)];
  const proposal = await propose(market, first, [{ contract: "parameters", data: await append(market) }]);
  const { proposalId } = proposal;
  await market.send(second, "governor", "castVoteWithReason", [proposalId, AGAINST, "Too much."]);
  const abstention = [proposalId, ABSTAIN, "Whatever.", "0x0102"] as const;
  await market.send(first, "governor", "castVoteWithReasonAndParams", abstention);
  await pass(market, proposal);
  await execute(market, proposal);
};

/** The calldata of parameters that are those in force but for the fee and the court's pace. */
async function append({ reader, network, random }: MarketDriver): Promise<Hex> {
  const parameters = { address: network.parameters, abi: parametersAbi } as const;
  const [version, , market] = await reader.readContract({ ...parameters, functionName: "current" });
  const court = await reader.readContract({ ...parameters, functionName: "courtOfVersion", args: [version] });
  const args = [
    { ...market, feeBps: random.below(300) },
    { ...court, kappaBps: 45_000 + random.below(5_000) },
  ];
  return encodeFunctionData({ abi: parametersAbi, functionName: "append", args: args as never });
}

const cancelledProposal: Scene = async (market) => {
  await summonTreasury(market);
  const data = await append(market);
  const args = [[market.network.parameters], [0n], [data], `Proposal ${market.word()}`] as const;
  await market.send(treasury, "governor", "propose", args);
  const hash = keccak256(stringToHex(args[3]));
  await market.send(treasury, "governor", "cancel", [args[0], args[1], args[2], hash]);
};

const defeatedProposal: Scene = async (market) => {
  await summonTreasury(market);
  const proposal = await propose(market, await staker(market), [
    { contract: "parameters", data: await append(market) },
  ]);
  await market.send(treasury, "governor", "castVote", [proposal.proposalId, AGAINST]);
  await market.lapse(VOTING_SECONDS + 1);
};

/** One vote takes back what another one decided. */
const revokedProposal: Scene = async (market) => {
  await summonTreasury(market);
  const revoked = await propose(market, treasury, [{ contract: "parameters", data: await append(market) }]);
  const operation = await pass(market, revoked);
  const cancel = encodeFunctionData({ abi: timelockAbi, functionName: "cancel", args: [operation] });
  const relay = encodeFunctionData({
    abi: governorAbi,
    functionName: "relay",
    args: [market.network.timelock, 0n, cancel],
  });
  await decree(market, [{ contract: "governor", data: relay }]);
};

/** Two calls in one proposal. */
const newGuardian: Scene = async (market) => {
  const { network } = market;
  const guardian = encodeFunctionData({
    abi: parametersAbi,
    functionName: "setGuardian",
    args: [market.somebody().address],
  });
  const ledger = encodeFunctionData({
    abi: stakedMillAbi,
    functionName: "setLedger",
    args: [network.market],
  });
  await decree(market, [
    { contract: "parameters", data: guardian },
    { contract: "stakedMill", data: ledger },
  ]);
};

const pause: Scene = async (market) => {
  const { reader, network } = market;
  const parameters = { address: network.parameters, abi: parametersAbi } as const;
  const until = await reader.readContract({ ...parameters, functionName: "pausedUntil" });
  const wait = until + PAUSE_COOLDOWN_SECONDS - (await market.now());
  if (wait > 0) await market.lapse(wait);
  const guardian = await reader.readContract({ ...parameters, functionName: "guardian" });
  await market.send(guardian, "parameters", "pause", []);
  await market.send(guardian, "parameters", "unpause", []);
};

/** Every way of a stake: more, elsewhere, out, back, away. */
const staking: Scene = async (market) => {
  const account = await staker(market);
  const other = market.somebody().address;
  await market.send(account, "stakedMill", "delegate", [other]);
  await market.send(account, "stakedMill", "stake", [parseEther("10")]);
  await market.send(account, "stakedMill", "approve", [other, 1n]);
  await market.send(account, "stakedMill", "beginExit", [parseEther("400")]);
  await market.send(account, "stakedMill", "cancelExit", []);
  await market.send(account, "stakedMill", "beginExit", [parseEther("250")]);
  await market.lapse(COOLDOWN_SECONDS + 1);
  // What has cooled is paid out before more is added.
  await market.send(account, "stakedMill", "beginExit", [parseEther("50")]);
  await market.lapse(COOLDOWN_SECONDS + 1);
  await market.send(account, "stakedMill", "withdraw", []);
};

const fees: Scene = async (market) => {
  const account = await staker(market, parseEther("100000"));
  const { spec, modelId } = await publishModel(market);
  const [buyer, provider] = [await market.trader(), await market.trader()];
  const fill = fillOf(await postOffer(market, provider, { modelId }), [8]);
  const opened = await openJob(market, { spec, buyer, itemCount: 8, fills: [fill] });
  await accept(market, [await deliver(market, opened, opened.lots[0]!)]);
  await market.send(market.somebody().address, "stakedMill", "collect", [market.network.market]);
  await market.send(account, "stakedMill", "claim", [account]);
};

/** Stakes of MILL, and what those who have them decide. */
export const governance: Readonly<Record<string, Scene>> = {
  newParameters,
  cancelledProposal,
  defeatedProposal,
  revokedProposal,
  newGuardian,
  pause,
  staking,
  fees,
};
