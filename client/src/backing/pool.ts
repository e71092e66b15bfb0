import { backersAbi } from "@millrace/protocol";
import { type Address, getAbiItem, isAddressEqual, pad, toEventSelector } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { type Core, requireAccount } from "../core/core.ts";
import { readLogs } from "../core/logs.ts";
import { askIndexers } from "../indexer/askIndexers.ts";

const BACKED = toEventSelector(getAbiItem({ abi: backersAbi, name: "Backed" }));
const EXIT_REQUESTED = toEventSelector(getAbiItem({ abi: backersAbi, name: "ExitRequested" }));

/** What backs one provider, in base units of the asset. */
export interface BackingPool {
  provider: Address;
  /** Whether anyone may back the provider now. */
  isOpen: boolean;
  /** What the provider keeps of what its backers' collateral earns, in basis points. */
  commissionBps: number;
  /** What all shares are worth. */
  assets: bigint;
  /** What lots that run have locked of it. */
  locked: bigint;
}

/** What was asked out of a pool at one time, and is not paid yet. */
export interface BackingExit {
  cohort: number;
  /** Base units when it was asked for; slashes may have taken of it since. */
  claimed: bigint;
  /** Base units that `withdraw` would pay now: none while a lot runs that it answers for. */
  payable: bigint;
}

/** What an account has in one provider's pool. */
export interface Backing {
  pool: BackingPool;
  shares: bigint;
  /** Base units that leaving now would claim. */
  worth: bigint;
  exits: BackingExit[];
}

/** @throws MillraceError `chain-unreachable` (retryable) */
export async function readPool(core: Core, { provider }: { provider: Address }): Promise<BackingPool> {
  const backers = { address: core.network.backers, abi: backersAbi } as const;
  const [{ isOpen, commissionBps, locked }, assets] = await withChainErrors(() =>
    Promise.all([
      core.publicClient.readContract({ ...backers, functionName: "poolOf", args: [provider] }),
      core.publicClient.readContract({ ...backers, functionName: "totalAssets", args: [provider] }),
    ]),
  );
  return { provider, isOpen, commissionBps, assets, locked };
}

/**
 * All that an account has in pools, by provider: what stays, and what is on its way out. Where it has something an indexer
 * may tell; how much is read from the chain.
 *
 * @param backer Default: the account's own.
 * @param provider Default: every provider that it ever backed.
 * @throws MillraceError `no-account`, `chain-unreachable` (retryable)
 */
export async function listBackings(
  core: Core,
  { backer, provider }: { backer?: Address; provider?: Address } = {},
): Promise<Backing[]> {
  const owner = backer ?? requireAccount(core).account.address;
  const { network, publicClient } = core;
  const toBlock = await withChainErrors(() => publicClient.getBlockNumber({ cacheTime: 0 }));
  const indexed = await askIndexers(core, {
    head: toBlock,
    read: (indexer, signal) => indexer.account({ address: owner, signal }),
  });
  const logs = await readLogs(core, {
    address: network.backers,
    topics: [[BACKED, EXIT_REQUESTED], provider ? pad(provider) : null, pad(owner)],
    fromBlock: indexed?.nextBlock ?? network.deployBlock,
    toBlock,
  });
  const cohorts = new Map<Address, Set<number>>();
  for (const backing of indexed?.value.backings ?? []) {
    if (provider && !isAddressEqual(backing.provider, provider)) continue;
    cohorts.set(backing.provider, new Set(backing.exits.map(({ cohort }) => cohort)));
  }
  for (const log of logs) {
    if (log.eventName !== "Backed" && log.eventName !== "ExitRequested") continue;
    const ofProvider = cohorts.get(log.args.provider) ?? new Set();
    if (log.eventName === "ExitRequested") ofProvider.add(log.args.cohort);
    cohorts.set(log.args.provider, ofProvider);
  }
  const backings = await Promise.all(
    [...cohorts].map(([ofProvider, numbers]) =>
      readBacking(
        core,
        owner,
        ofProvider,
        [...numbers].sort((a, b) => a - b),
      ),
    ),
  );
  return backings
    .filter(({ shares, exits }) => shares > 0n || exits.length > 0)
    .sort((a, b) => (a.pool.provider < b.pool.provider ? -1 : 1));
}

async function readBacking(
  core: Core,
  backer: Address,
  provider: Address,
  cohorts: readonly number[],
): Promise<Backing> {
  const { publicClient } = core;
  const backers = { address: core.network.backers, abi: backersAbi } as const;
  return withChainErrors(async () => {
    const [pool, { shares }] = await Promise.all([
      readPool(core, { provider }),
      publicClient.readContract({ ...backers, functionName: "positionOf", args: [provider, backer] }),
    ]);
    const [worth, exits] = await Promise.all([
      // The contract rounds as if there were more shares: the last ones are worth all that there is.
      publicClient.readContract({ ...backers, functionName: "convertToAssets", args: [provider, shares] }),
      Promise.all(cohorts.map((cohort) => readExit(core, backer, provider, cohort))),
    ]);
    return { pool, shares, worth, exits: exits.filter(({ claimed }) => claimed > 0n) };
  });
}

async function readExit(
  core: Core,
  backer: Address,
  provider: Address,
  cohort: number,
): Promise<BackingExit> {
  const backers = { address: core.network.backers, abi: backersAbi } as const;
  const args = [provider, cohort, backer] as const;
  const [claimed, payable] = await Promise.all([
    core.publicClient.readContract({ ...backers, functionName: "claimOf", args }),
    core.publicClient.readContract({ ...backers, functionName: "maxWithdraw", args }),
  ]);
  return { cohort, claimed, payable };
}
