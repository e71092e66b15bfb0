import {
  caseKinds,
  courtAbi,
  type FaultKind,
  faultKinds,
  faultsAbi,
  marketAbi,
  type Network,
} from "@millrace/protocol";
import { type Address, createPublicClient, type Hex, http } from "viem";

/** How the chain came to know of a cheat. */
export type Caught =
  /** A proof of hashes alone, or a demand for a receipt that was not answered. `index` counts within the lot. */
  | { by: "proof"; fault: FaultKind; index: number }
  /** The results were demanded, and did not come. */
  | { by: "demand" }
  /**
   * Jurors, about an item (its index within the lot) or about whether the results can be had. Votes are logarithms of R,
   * 64 to the octave.
   */
  | { by: "jury"; about: "item" | "delivery"; index: number; votes: number[]; median: number };

/** What a lot's slash took from its provider, and to whom that went. Base units. */
export interface Slash {
  lotId: Hex;
  caught: Caught;
  /** To jurors. */
  cost: bigint;
  /** To the buyer: what another provider costs more. */
  compensation: bigint;
  /** To who proved it. */
  bounty: bigint;
  toVault: bigint;
}

/** Reads from the chain how and for what a provider was slashed since a block, if it was. */
export async function readSlash(
  network: Network,
  { provider, fromBlock }: { provider: Address; fromBlock: bigint },
): Promise<Slash | undefined> {
  const client = createPublicClient({ transport: http(network.rpcUrl), cacheTime: 0 });
  const range = { fromBlock, strict: true } as const;
  const [slashed] = await client.getContractEvents({
    ...range,
    abi: marketAbi,
    address: network.market,
    eventName: "LotSlashed",
    args: { provider },
  });
  if (!slashed) return undefined;
  const { lotId, cost, compensation, bounty, rest } = slashed.args;
  const ofLot = { ...range, args: { lotId } } as const;
  const faults = { ...ofLot, abi: faultsAbi, address: network.faults } as const;
  const court = { ...ofLot, abi: courtAbi, address: network.court } as const;
  const [proven, deliveries, opened, reveals, decided] = await Promise.all([
    client.getContractEvents({ ...faults, eventName: "FaultProven" }),
    client.getContractEvents({ ...court, eventName: "DeliveryConcluded" }),
    client.getContractEvents({ ...court, eventName: "CaseOpened" }),
    client.getContractEvents({ ...court, eventName: "VoteRevealed" }),
    client.getContractEvents({ ...court, eventName: "CaseDecided" }),
  ]);
  const caught = (): Caught => {
    const fault = proven.at(-1)?.args;
    // The contract knows no other kinds.
    if (fault) return { by: "proof", fault: faultKinds[fault.kind]!, index: Number(fault.index) };
    if (deliveries.some(({ args }) => args.isFailed)) return { by: "demand" };
    const { kind, index } = opened.at(-1)!.args;
    return {
      by: "jury",
      about: caseKinds[kind] === "delivery" ? "delivery" : "item",
      index: Number(index),
      votes: reveals.map(({ args }) => args.vote),
      median: decided.at(-1)!.args.median,
    };
  };
  return { lotId, caught: caught(), cost, compensation, bounty, toVault: rest };
}
