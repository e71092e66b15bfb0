import { formatAmount, MillraceError, marketAbi, testUsdAbi } from "@millrace/protocol";
import { ContractFunctionExecutionError, encodeFunctionData, parseSignature } from "viem";
import { withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import { type Core, requireAccount, type SigningCore } from "../core/core.ts";
import { getBalance } from "./balance.ts";

/** How long a permit may wait to be mined. */
const PERMIT_SECONDS = 3_600;

/**
 * Moves some of the wallet's asset into the market: with a permit, in one transaction, where the asset has permits,
 * otherwise after an approval of just this amount.
 *
 * @param amount base units of the asset
 * @throws MillraceError `no-account`, `invalid-amount`, `insufficient-wallet`, `contract-refused`, `chain-unreachable`
 */
export async function deposit(core: Core, { amount }: { amount: bigint }): Promise<void> {
  const signing = requireAccount(core);
  if (amount <= 0n) throw new MillraceError("The amount must be above zero.", { code: "invalid-amount" });
  const { wallet } = await getBalance(signing);
  if (wallet < amount) {
    throw new MillraceError("The wallet has less than that.", {
      code: "insufficient-wallet",
      details: `It has ${formatAmount(wallet)} and ${formatAmount(amount)} is to be deposited.`,
    });
  }
  const permit = await signPermit(signing, amount);
  if (permit) await depositWithPermit(signing, amount, permit);
  else await depositWithApproval(signing, amount);
}

interface Permit {
  deadline: bigint;
  v: number;
  r: `0x${string}`;
  s: `0x${string}`;
}

/** Signs an EIP-2612 permit, or returns undefined if the asset has none. */
async function signPermit(core: SigningCore, value: bigint): Promise<Permit | undefined> {
  const { network, publicClient, account } = core;
  const asset = { address: network.asset, abi: testUsdAbi } as const;
  const read = await withChainErrors(() =>
    Promise.all([
      publicClient.readContract({ ...asset, functionName: "nonces", args: [account.address] }),
      // EIP-5267; assets that lack it (some USDC do) are approved instead.
      publicClient.readContract({ ...asset, functionName: "eip712Domain" }),
    ]).catch((error: unknown) => {
      if (error instanceof ContractFunctionExecutionError && isMissingFunction(error)) return undefined;
      throw error;
    }),
  );
  if (!read) return undefined;
  const [nonce, [, name, version, chainId, verifyingContract]] = read;
  const deadline = BigInt(await withChainErrors(() => chainTime(core))) + BigInt(PERMIT_SECONDS);
  const signature = await account.signTypedData({
    domain: { name, version, chainId, verifyingContract },
    types: {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    primaryType: "Permit",
    message: { owner: account.address, spender: network.market, value, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { deadline, v: 27 + yParity, r, s };
}

/** A call that reverts without words, or returns nothing, is to a function that is not there. */
function isMissingFunction(error: ContractFunctionExecutionError): boolean {
  const names = ["ContractFunctionZeroDataError", "ContractFunctionRevertedError"];
  return error.walk((e) => e instanceof Error && names.includes(e.name)) !== null;
}

async function depositWithPermit({ network, account, sender }: SigningCore, amount: bigint, permit: Permit) {
  const { deadline, v, r, s } = permit;
  const args = [account.address, amount, deadline, v, r, s] as const;
  const data = encodeFunctionData({ abi: marketAbi, functionName: "depositWithPermit", args });
  await sender.send({ to: network.market, data });
}

async function depositWithApproval({ network, account, sender }: SigningCore, amount: bigint) {
  const approve = encodeFunctionData({
    abi: testUsdAbi,
    functionName: "approve",
    args: [network.market, amount],
  });
  await sender.send({ to: network.asset, data: approve });
  const data = encodeFunctionData({
    abi: marketAbi,
    functionName: "deposit",
    args: [account.address, amount],
  });
  await sender.send({ to: network.market, data });
}
