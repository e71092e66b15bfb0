import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createIndexerClient, createMillrace, type Millrace, proposalIdOf } from "@millrace/client";
import { developmentAccount, type Network, type ProposalDetail } from "@millrace/protocol";
import { parseEther, zeroHash } from "viem";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readProposal } from "../../../dashboard/src/pages/governance/readProposal.ts";
import { type LocalChain, startChain } from "../../../devnet/src/chain.ts";
import { passTime } from "../client/chain.ts";

let chain: LocalChain;
let network: Network;
let millrace: Millrace;
/** A higher fee. */
let proposalId: string;
/** What an honest indexer says of it. */
let honest: ProposalDetail;

beforeAll(async () => {
  chain = await startChain();
  network = chain.network;
  millrace = createMillrace({ network, account: developmentAccount(19), pollingIntervalMs: 50 });
  const { governance } = millrace;
  await governance.stake({ amount: parseEther("10") });
  await passTime(network, 1);
  ({ proposalId } = await propose("A higher fee", 200));
  const { targets, values, calldatas, ...told } = await governance.proposals.retrieve({ proposalId });
  honest = {
    proposalId,
    proposer: told.proposer,
    description: told.description,
    targets: [...targets],
    values: values.map(String),
    calldatas: [...calldatas],
    voteStart: told.voteStart,
    voteEnd: told.voteEnd,
    votesFor: "0",
    votesAgainst: "7",
    votesAbstain: "0",
    proposedAt: { block: 5, time: 6, transactionHash: zeroHash },
    votes: [],
  };
});
afterAll(() => chain?.close());

async function propose(description: string, feeBps: number): Promise<{ proposalId: string }> {
  const proposed = await millrace.governance.propose({ market: { feeBps }, description });
  return { proposalId: String(proposed.proposalId) };
}

/** An indexer that answers everything with this. */
async function indexerThatSays(told: ProposalDetail) {
  const server = createServer((_, response) => response.end(JSON.stringify(told)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return createIndexerClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const read = async (told: ProposalDetail, id = proposalId) =>
  readProposal({ indexer: await indexerThatSays(told), millrace }, { proposalId: id });

test("a proposal's id is the Governor's hash of what it does and says", () => {
  expect(String(proposalIdOf({ ...honest, values: honest.values.map(BigInt) }))).toBe(proposalId);
});

test("what an honest indexer tells is shown, and the chain is not asked", async () => {
  const blind = createMillrace({ network: { ...network, rpcUrl: "http://127.0.0.1:1" } });
  const indexer = await indexerThatSays(honest);
  expect(await readProposal({ indexer, millrace: blind }, { proposalId })).toEqual(honest);
});

test.for<[string, (told: ProposalDetail) => Partial<ProposalDetail>]>([
  ["another description", () => ({ description: "A lower fee" })],
  ["other calls", ({ calldatas }) => ({ calldatas: [calldatas[0]!.replace(/c8/, "05") as `0x${string}`] })],
  ["other targets", () => ({ targets: [network.market] })],
  ["money that goes along", () => ({ values: ["1"] })],
  ["fewer calls", () => ({ targets: [], values: [], calldatas: [] })],
])("an indexer that tells of %s is not believed: voters see what the chain says", async ([, lie]) => {
  const told = { ...honest, ...lie(honest) };
  expect(told).not.toEqual(honest);
  expect(await read(told)).toEqual(honest);
});

test("an indexer that tells of another proposal, true in itself, is not believed", async () => {
  const other = { description: "Something else" };
  const id = String(proposalIdOf({ ...honest, ...other, values: honest.values.map(BigInt) }));
  await expect(read({ ...honest, ...other, proposalId: id })).rejects.toMatchObject({
    code: "invalid-indexer-reply",
  });
});

test("a text that the indexer's database cannot hold hides no proposal", async () => {
  const description = "Fees\0 for me";
  const { proposalId: id } = await propose(description, 300);
  const { targets, values, calldatas } = await millrace.governance.proposals.retrieve({ proposalId: id });
  const stored = {
    ...honest,
    proposalId: id,
    targets: [...targets],
    values: values.map(String),
    calldatas: [...calldatas],
    description: description.replaceAll("\0", ""),
  };
  expect(await read(stored, id)).toMatchObject({ proposalId: id, description, calldatas });
});

test("what is not on the chain is no proposal, whatever the indexer says", async () => {
  await expect(read({ ...honest, proposalId: "5" }, "5")).rejects.toMatchObject({ code: "unknown-proposal" });
});
