import { millAbi, stakedMillAbi } from "@millrace/protocol";
import { type Address, BaseError, ContractFunctionRevertedError, zeroAddress } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { type Core, requireAccount } from "../core/core.ts";

/** What an address has and is as a holder of MILL. Amounts are wei of MILL, but fees. */
export interface StakePosition {
  address: Address;
  /** MILL that is not staked. */
  wallet: bigint;
  staked: bigint;
  /** Its own and those that others gave it. */
  votes: bigint;
  /** Who has its votes; undefined until it first stakes or delegates. */
  delegate?: Address;
  /** On its way out: cooling, or cooled and not withdrawn. */
  cooling: bigint;
  /** Last second of the cooldown, Unix time; 0 where nothing cools. */
  coolingUntil: number;
  /** What a claim would pay now, in base units of the asset. */
  fees: bigint;
}

/**
 * Reads a holder's position.
 *
 * @param address Default: the account's own.
 * @throws MillraceError `no-account`, `chain-unreachable` (retryable)
 */
export async function readStakePosition(
  core: Core,
  { address }: { address?: Address } = {},
): Promise<StakePosition> {
  const { network, publicClient } = core;
  const owner = address ?? requireAccount(core).account.address;
  const staking = { address: network.stakedMill, abi: stakedMillAbi } as const;
  const [wallet, staked, votes, delegate, [cooling, until], fees] = await withChainErrors(() =>
    Promise.all([
      publicClient.readContract({
        address: network.mill,
        abi: millAbi,
        functionName: "balanceOf",
        args: [owner],
      }),
      publicClient.readContract({ ...staking, functionName: "balanceOf", args: [owner] }),
      publicClient.readContract({ ...staking, functionName: "getVotes", args: [owner] }),
      publicClient.readContract({ ...staking, functionName: "delegates", args: [owner] }),
      publicClient.readContract({ ...staking, functionName: "exitOf", args: [owner] }),
      readFees(core, owner),
    ]),
  );
  return {
    address: owner,
    wallet,
    staked,
    votes,
    ...(delegate !== zeroAddress && { delegate }),
    cooling,
    coolingUntil: Number(until),
    fees,
  };
}

/** A claim that is only tried also counts fees that nobody has collected yet. */
async function readFees({ network, publicClient }: Core, owner: Address): Promise<bigint> {
  const staking = { address: network.stakedMill, abi: stakedMillAbi } as const;
  try {
    const { result } = await publicClient.simulateContract({
      ...staking,
      account: owner,
      functionName: "claim",
      args: [owner],
    });
    return result;
  } catch (error) {
    // An asset that refuses the payment: what was collected is still the owner's.
    if (!(error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError)))
      throw error;
    return publicClient.readContract({ ...staking, functionName: "claimableOf", args: [owner] });
  }
}
