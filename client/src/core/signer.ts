import { MillraceError } from "@millrace/protocol";
import type { Account, Address, Chain, Hex, LocalAccount, PublicClient, Transport, WalletClient } from "viem";
import { withChainErrors } from "./chainErrors.ts";
import { type Submit, submitSigned } from "./submitSigned.ts";

/** A browser's wallet, or whatever else holds keys and asks its user; as viem has it, with its account. */
export type Wallet = WalletClient<Transport, Chain | undefined, Account>;

/** Who pays and signs. */
export interface Signer {
  address: Address;
  /** @throws MillraceError `wallet-rejected`, `wrong-chain` where a wallet signs */
  signTypedData: LocalAccount["signTypedData"];
  /** Hands a call to the chain. */
  submit: Submit;
}

/** @param account a key at hand, or a wallet */
export function signerOf(
  account: LocalAccount | Wallet,
  publicClient: PublicClient<Transport, Chain>,
): Signer {
  if ("transport" in account) {
    // A wallet of viem's can hold a key at hand too.
    if (account.account.type === "json-rpc") return walletSigner(account, publicClient.chain);
    return signerOf(account.account as LocalAccount, publicClient);
  }
  const { address, signTypedData } = account;
  return { address, signTypedData, submit: submitSigned(account, publicClient) };
}

/** The nonce and the price of gas are the wallet's business: its user may change both. */
function walletSigner(wallet: Wallet, chain: Chain): Signer {
  const { account } = wallet;
  const checkChain = async () => {
    const chainId = await wallet.getChainId();
    if (chainId === chain.id) return;
    throw new MillraceError(`The wallet is on chain ${chainId}, not ${chain.id}.`, {
      code: "wrong-chain",
      hints: [`Switch it to ${chain.name}.`],
    });
  };
  return {
    address: account.address,
    signTypedData: (typedData) =>
      withChainErrors(async (): Promise<Hex> => {
        await checkChain();
        // Its type is generic in the message's; what comes out hangs on none of it.
        return wallet.signTypedData({ ...typedData, account } as Parameters<Wallet["signTypedData"]>[0]);
      }),
    submit: async ({ to, data, gas }) => {
      await checkChain();
      return wallet.sendTransaction({ account, chain, to, data, gas });
    },
  };
}
