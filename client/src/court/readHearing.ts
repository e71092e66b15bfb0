import { courtAbi, formatAmount, type Job, type Lot, marketAbi, parametersAbi } from "@millrace/protocol";
import { withChainErrors } from "../core/chainErrors.ts";
import type { SigningCore } from "../core/core.ts";

/** A lot's first challenge is bonded with so many fees, its second with twice as many. */
const BOND_FEES = 10n;

/** What a challenge of a lot takes now. */
export interface Hearing {
  /** Base units. */
  bond: bigint;
  /** Why there would be none: the court does not protect the lot, or the bond is too much; undefined if there would. */
  obstacle: string | undefined;
}

/**
 * Reads what a lot's next challenge would take, and whether the court would hear it.
 *
 * @param challenges of the lot so far
 * @param atStake what the account has in bonds already, base units, of which with the new one at most `maxBonds` may be
 */
export async function readHearing(
  { network, publicClient, account }: SigningCore,
  {
    job,
    lot,
    challenges,
    atStake,
    maxBonds,
  }: { job: Job; lot: Lot; challenges: number; atStake: bigint; maxBonds: bigint | undefined },
): Promise<Hearing> {
  const market = { address: network.market, abi: marketAbi } as const;
  const [[seats, , isProtected], { jurorFee }, { free }] = await withChainErrors(async () => {
    const parameters = await publicClient.readContract({ ...market, functionName: "parameters" });
    return Promise.all([
      publicClient.readContract({
        address: network.court,
        abi: courtAbi,
        functionName: "protectionOf",
        args: [job, lot],
      }),
      publicClient.readContract({
        address: parameters,
        abi: parametersAbi,
        functionName: "courtOfVersion",
        args: [job.parametersVersion],
      }),
      publicClient.readContract({ ...market, functionName: "accountOf", args: [account.address] }),
    ]);
  });
  const bond = jurorFee * BOND_FEES * BigInt(challenges + 1);
  const obstacle = () => {
    if (!isProtected)
      return `the court does not protect it: its model had ${seats} seats, or they stake too little`;
    if (free < bond)
      return `its bond of ${formatAmount(bond)} is more than the ${formatAmount(free)} that are free`;
    if (maxBonds !== undefined && atStake + bond > maxBonds)
      return `its bond of ${formatAmount(bond)} would go beyond the ${formatAmount(maxBonds)} that may be in bonds`;
    return undefined;
  };
  return { bond, obstacle: obstacle() };
}
