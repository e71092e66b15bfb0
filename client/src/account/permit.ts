import { MillraceError, testUsdAbi } from "@millrace/protocol";
import {
  type Address,
  ContractFunctionExecutionError,
  encodeFunctionData,
  type Hex,
  MethodNotFoundRpcError,
  MethodNotSupportedRpcError,
  parseSignature,
  size,
  UnsupportedProviderMethodError,
} from "viem";
import { nameChainError, withChainErrors } from "../core/chainErrors.ts";
import { chainTime } from "../core/chainTime.ts";
import type { SigningCore } from "../core/core.ts";

/** How long a permit may wait to be mined. */
const PERMIT_SECONDS = 3_600;
const SIGNATURE_BYTES = 65;

/** An EIP-2612 permit, as contracts take it. */
export interface Permit {
  deadline: bigint;
  v: number;
  r: Hex;
  s: Hex;
}

/** What is let go out of the account: so much of a token, to one contract. */
interface Allowance {
  token: Address;
  spender: Address;
  /** Base units of the token. */
  value: bigint;
}

/** Signs a permit, or returns undefined where the token has none, or the account cannot sign one. */
export async function signPermit(
  core: SigningCore,
  { token, spender, value }: Allowance,
): Promise<Permit | undefined> {
  const { publicClient, account } = core;
  // Permits are alike in all tokens that have them.
  const contract = { address: token, abi: testUsdAbi } as const;
  const read = await withChainErrors(() =>
    Promise.all([
      publicClient.readContract({ ...contract, functionName: "nonces", args: [account.address] }),
      // EIP-5267; assets that lack it (some USDC do) are approved instead.
      publicClient.readContract({ ...contract, functionName: "eip712Domain" }),
    ]).catch((error: unknown) => {
      if (error instanceof ContractFunctionExecutionError && isMissingFunction(error)) return undefined;
      throw error;
    }),
  );
  if (!read) return undefined;
  const [nonce, [, name, version, chainId, verifyingContract]] = read;
  const deadline = BigInt(await withChainErrors(() => chainTime(core))) + BigInt(PERMIT_SECONDS);
  const signature = await account
    .signTypedData({
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
      message: { owner: account.address, spender, value, nonce, deadline },
    })
    .catch((error: unknown) => {
      if (isMissingMethod(nameChainError(error))) return undefined;
      throw error;
    });
  // Contract wallets sign otherwise, and tokens do not ask them.
  if (!signature || size(signature) !== SIGNATURE_BYTES) return undefined;
  const { r, s, yParity } = parseSignature(signature);
  return { deadline, v: 27 + yParity, r, s };
}

/** Lets `spender` take just this much. */
export async function approve({ sender }: SigningCore, { token, spender, value }: Allowance): Promise<void> {
  const args = [spender, value] as const;
  await sender.send({
    to: token,
    data: encodeFunctionData({ abi: testUsdAbi, functionName: "approve", args }),
  });
}

/** A call that reverts without words, or returns nothing, is to a function that is not there. */
function isMissingFunction(error: ContractFunctionExecutionError): boolean {
  const names = ["ContractFunctionZeroDataError", "ContractFunctionRevertedError"];
  return error.walk((e) => e instanceof Error && names.includes(e.name)) !== null;
}

/** Some wallets sign no typed data. */
function isMissingMethod(error: unknown): boolean {
  const isOne = (e: unknown) =>
    e instanceof MethodNotFoundRpcError ||
    e instanceof MethodNotSupportedRpcError ||
    e instanceof UnsupportedProviderMethodError;
  return error instanceof MillraceError && error.walk(isOne) !== undefined;
}
