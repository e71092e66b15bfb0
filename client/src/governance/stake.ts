import { MillraceError, millAbi, stakedMillAbi } from "@millrace/protocol";
import { type Address, encodeFunctionData, formatEther, type Hex, parseEventLogs } from "viem";
import { approve, signPermit } from "../account/permit.ts";
import { withChainErrors } from "../core/chainErrors.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { readStakePosition } from "./position.ts";

/**
 * Votes are kept by the second: what only overwrites those of this second when it is estimated adds new ones a second
 * later, of two delegates and in all, at 22,100 gas each.
 */
const CHECKPOINTS_GAS = 75_000n;

/**
 * Stakes some of the account's MILL: it votes and shares the protocol's fees from then on. With a permit, in one
 * transaction, where the account can sign one. Whoever has no delegate becomes their own.
 *
 * @param amount wei of MILL
 * @throws MillraceError `no-account`, `invalid-amount`, `insufficient-wallet`, `contract-refused`, `chain-unreachable`
 */
export async function stake(core: Core, { amount }: { amount: bigint }): Promise<void> {
  const signing = requireAccount(core);
  const { network, publicClient, account } = signing;
  checkAmount(amount);
  const balance = await withChainErrors(() =>
    publicClient.readContract({
      address: network.mill,
      abi: millAbi,
      functionName: "balanceOf",
      args: [account.address],
    }),
  );
  if (balance < amount) throw tooLittle("insufficient-wallet", "in the wallet", balance);
  const allowance = { token: network.mill, spender: network.stakedMill, value: amount };
  const permit = await signPermit(signing, allowance);
  if (permit) {
    const { deadline, v, r, s } = permit;
    const args = [amount, deadline, v, r, s] as const;
    await send(signing, encodeFunctionData({ abi: stakedMillAbi, functionName: "stakeWithPermit", args }));
    return;
  }
  await approve(signing, allowance);
  await send(signing, encodeFunctionData({ abi: stakedMillAbi, functionName: "stake", args: [amount] }));
}

/**
 * Begins to unstake: votes and fee share end at once, `withdraw` pays after the cooldown. An account has one exit; adding
 * to one that is still cooling restarts its cooldown, one that has cooled already is paid out first.
 *
 * @param amount wei of MILL. Default: all that is staked.
 * @throws MillraceError `no-account`, `invalid-amount`, `insufficient-stake`, `contract-refused`, `chain-unreachable`
 */
export async function beginExit(core: Core, { amount }: { amount?: bigint } = {}): Promise<void> {
  const signing = requireAccount(core);
  const { staked } = await readStakePosition(signing);
  const wanted = amount ?? staked;
  if (amount !== undefined) checkAmount(amount);
  if (staked < wanted || staked === 0n) throw tooLittle("insufficient-stake", "staked", staked);
  await send(signing, encodeFunctionData({ abi: stakedMillAbi, functionName: "beginExit", args: [wanted] }));
}

/**
 * Stakes again all that was on its way out.
 *
 * @throws MillraceError `no-account`, `nothing-cooling`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function cancelExit(core: Core): Promise<void> {
  const signing = requireAccount(core);
  await readCooling(signing);
  await send(signing, encodeFunctionData({ abi: stakedMillAbi, functionName: "cancelExit" }));
}

/**
 * Pays what was unstaked, once its cooldown is over.
 *
 * @returns wei of MILL
 * @throws MillraceError `no-account`, `nothing-cooling`, `still-cooling` (retryable), `contract-refused`,
 * `chain-unreachable` (retryable)
 */
export async function withdrawStake(core: Core): Promise<bigint> {
  const signing = requireAccount(core);
  const { cooling, coolingUntil } = await readCooling(signing);
  const { timestamp } = await withChainErrors(() => signing.publicClient.getBlock({ blockTag: "latest" }));
  if (timestamp <= BigInt(coolingUntil)) {
    throw new MillraceError("The cooldown is not over.", {
      code: "still-cooling",
      retryable: true,
      details: `${formatEther(cooling)} MILL can be withdrawn after ${new Date(coolingUntil * 1000).toISOString()}.`,
    });
  }
  await send(signing, encodeFunctionData({ abi: stakedMillAbi, functionName: "withdraw" }));
  return cooling;
}

/**
 * Pays out the account's share of the protocol's fees, those not collected yet too.
 *
 * @param to Default: the account itself.
 * @returns base units of the asset
 * @throws MillraceError `no-account`, `nothing-payable`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function claimFees(core: Core, { to }: { to?: Address } = {}): Promise<bigint> {
  const signing = requireAccount(core);
  const { fees } = await readStakePosition(signing);
  if (fees === 0n) {
    throw new MillraceError("No fees can be claimed now.", { code: "nothing-payable" });
  }
  const args = [to ?? signing.account.address] as const;
  const receipt = await send(
    signing,
    encodeFunctionData({ abi: stakedMillAbi, functionName: "claim", args }),
  );
  const [claimed] = parseEventLogs({ abi: stakedMillAbi, eventName: "FeesClaimed", logs: receipt.logs });
  return claimed?.args.amount ?? 0n;
}

/**
 * Gives the account's votes to an address; fees stay its own. To itself takes them back.
 *
 * @throws MillraceError `no-account`, `contract-refused`, `chain-unreachable` (retryable)
 */
export async function delegate(core: Core, { to }: { to: Address }): Promise<void> {
  const signing = requireAccount(core);
  await send(signing, encodeFunctionData({ abi: stakedMillAbi, functionName: "delegate", args: [to] }));
}

function send({ network, sender }: SigningCore, data: Hex) {
  return sender.send({ to: network.stakedMill, data, extraGas: CHECKPOINTS_GAS });
}

async function readCooling(core: SigningCore) {
  const position = await readStakePosition(core);
  if (position.cooling > 0n) return position;
  throw new MillraceError("Nothing is on its way out.", { code: "nothing-cooling" });
}

function checkAmount(amount: bigint): void {
  if (amount <= 0n) throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
}

function tooLittle(code: string, where: string, amount: bigint): MillraceError {
  return new MillraceError(`The account has ${formatEther(amount)} MILL ${where}.`, { code });
}
