import { type IndexedLotStatus, type LotStatus, type Network, unpackLotState } from "@millrace/protocol";
import { type Address, createPublicClient, type Hex, http } from "viem";
import { abis } from "../../../helpers/marketDriver/marketDriver.ts";
import { rowsOf, type Tables } from "./tables.ts";

/** What the chain says of a lot by what the indexer does: one that is over has no state any more. */
const statusOnChain: Readonly<Record<IndexedLotStatus, LotStatus>> = {
  assigned: "assigned",
  submitted: "submitted",
  demanded: "demanded",
  challenged: "challenged",
  open: "open",
  settled: "none",
  closed: "none",
};

/** Where an indexer's tables say another thing than the contracts, in words; nothing where all is well. */
export async function compareWithChain(tables: Tables, network: Network): Promise<string[]> {
  const reader = createPublicClient({ transport: http(network.rpcUrl, { batch: true }) });
  const market = { abi: abis.market, address: network.market } as const;
  const court = { abi: abis.court, address: network.court } as const;
  const staked = { abi: abis.stakedMill, address: network.stakedMill } as const;
  const differences: string[] = [];
  const check = (what: string, found: unknown, expected: unknown) => {
    if (String(found) !== String(expected))
      differences.push(`${what}: ${found}, and on the chain ${expected}`);
  };
  const each = async (table: string, compare: (row: Record<string, unknown>) => Promise<void>) => {
    await Promise.all(rowsOf(tables, table).map(compare));
  };

  await each("lot", async ({ lot_id, status, window_end, open_escrow, reopened_time }) => {
    const state = await reader.readContract({ ...market, functionName: "lotState", args: [lot_id as Hex] });
    const onChain = unpackLotState(state);
    check(`status of lot ${lot_id}`, statusOnChain[status as IndexedLotStatus], onChain.status);
    if (["submitted", "demanded", "challenged"].includes(onChain.status)) {
      check(`window of lot ${lot_id}`, window_end, onChain.timestamp);
    }
    if (onChain.status === "open") {
      check(`escrow of lot ${lot_id}`, open_escrow, onChain.escrow);
      check(`reopening of lot ${lot_id}`, reopened_time, onChain.timestamp);
    }
  });
  await each("job", async ({ job_id, bid_items }) => {
    const state = await reader.readContract({ ...market, functionName: "jobState", args: [job_id as Hex] });
    check(`bid of job ${job_id}`, bid_items, state.openItems);
  });
  await each("offer", async ({ offer_id, filled_items, is_cancelled }) => {
    const state = await reader.readContract({
      ...market,
      functionName: "offerState",
      args: [offer_id as Hex],
    });
    check(`items filled of offer ${offer_id}`, filled_items, state.filledItems);
    check(`cancellation of offer ${offer_id}`, is_cancelled, state.cancelled);
  });
  await each("seat", async ({ seat_id, stake, is_taken, owner }) => {
    const seat = await reader.readContract({ ...court, functionName: "seat", args: [Number(seat_id)] });
    check(`stake of seat ${seat_id}`, is_taken ? stake : 0, seat.stake);
    if (is_taken) check(`owner of seat ${seat_id}`, owner, seat.owner.toLowerCase());
  });
  await each("model_use", async ({ model_id, seats, seat_stake }) => {
    const args = [model_id as Hex] as const;
    const [count, stake] = await reader.readContract({ ...court, functionName: "seatsOf", args });
    check(`seats of model ${model_id}`, seats, count);
    check(`stake of the seats of model ${model_id}`, seat_stake, stake);
  });
  await each("account", async ({ address, votes, staked: amount, cooling }) => {
    const args = [address as Address] as const;
    const [onChainVotes, balance, [exiting]] = await Promise.all([
      reader.readContract({ ...staked, functionName: "getVotes", args }),
      reader.readContract({ ...staked, functionName: "balanceOf", args }),
      reader.readContract({ ...staked, functionName: "exitOf", args }),
    ]);
    check(`votes of ${address}`, votes, onChainVotes);
    check(`stake of ${address}`, amount, balance);
    check(`cooling MILL of ${address}`, cooling, exiting);
  });
  await each("proposal", async ({ proposal_id, votes_for, votes_against, votes_abstain }) => {
    const [against, inFavour, abstain] = await reader.readContract({
      abi: abis.governor,
      address: network.governor,
      functionName: "proposalVotes",
      args: [BigInt(String(proposal_id))],
    });
    check(`votes on ${proposal_id}`, [votes_for, votes_against, votes_abstain], [inFavour, against, abstain]);
  });
  const backers = { abi: abis.backers, address: network.backers } as const;
  await each("backing", async ({ provider, backer, shares, epoch }) => {
    const args = [provider as Address, backer as Address] as const;
    const position = await reader.readContract({ ...backers, functionName: "positionOf", args });
    // Shares of an earlier epoch are void.
    check(`shares of ${backer}`, Number(epoch) === position.epoch ? shares : 0, position.shares);
  });
  const held = await reader.readContract({
    abi: abis.asset,
    address: network.asset,
    functionName: "balanceOf",
    args: [network.market],
  });
  const accounts = rowsOf(tables, "account");
  const sum = (column: string) => accounts.reduce((total, row) => total + BigInt(String(row[column])), 0n);
  check("what the market holds", sum("deposited") - sum("withdrawn"), held);
  const [version] = await reader.readContract({
    abi: abis.parameters,
    address: network.parameters,
    functionName: "current",
  });
  check("versions of the parameters", rowsOf(tables, "parameters_version").length, version);
  return differences;
}
