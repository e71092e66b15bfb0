import { developmentAccount, localChainIds, MillraceError, type Network } from "@millrace/protocol";
import {
  createPublicClient,
  createWalletClient,
  type EIP1193Provider,
  type Hex,
  hexToBigInt,
  http,
  type LocalAccount,
  numberToHex,
  ProviderRpcError,
  type TransactionRequest,
  UnauthorizedProviderError,
} from "viem";
import { chainOf } from "./chainOf.ts";

/** Who has which of the development accounts on local networks, as devnet hands them out. */
export const developmentRoles = [
  { name: "Buyer", index: 0 },
  { name: "Provider 1", index: 1 },
  { name: "Provider 2", index: 2 },
  { name: "Someone else", index: 10 },
  { name: "Juror 1", index: 13 },
  { name: "Guardian", index: 18 },
  { name: "MILL holder", index: 19 },
] as const;

interface RpcRequest {
  method: string;
  params?: readonly unknown[];
}

/**
 * A wallet in the page (EIP-1193) over one of the keys that everybody knows, so that a local market can be tried without
 * a browser extension. It asks nothing before it signs, and signs only while it is connected.
 *
 * @throws MillraceError `development-key` unless the chain is local
 */
export function developmentProvider(network: Network, index: number): EIP1193Provider {
  if (!localChainIds.includes(network.chainId)) {
    throw new MillraceError(`Development wallets are refused on chain ${network.chainId}.`, {
      code: "development-key",
    });
  }
  const chain = chainOf(network);
  const transport = http(network.rpcUrl);
  const node = createPublicClient({ chain, transport });
  // The key is derived when it is first needed: that takes a while.
  let account: LocalAccount | undefined;
  const owner = () => {
    account ??= developmentAccount(index);
    return account;
  };
  const permission = permissionOf(`millrace.development.${index}`);

  const request = async ({ method, params = [] }: RpcRequest): Promise<unknown> => {
    if (isSigning(method) && !permission.isGiven()) {
      throw new UnauthorizedProviderError(new Error("This account was disconnected."));
    }
    switch (method) {
      case "eth_chainId":
        return numberToHex(network.chainId);
      case "eth_requestAccounts":
        permission.give();
        return [owner().address];
      case "eth_accounts":
        return permission.isGiven() ? [owner().address] : [];
      case "wallet_revokePermissions":
        permission.take();
        return null;
      case "eth_sendTransaction": {
        const wallet = createWalletClient({ chain, transport, account: owner() });
        return wallet.sendTransaction(fromRpc(params[0] as RpcTransaction));
      }
      case "eth_signTypedData_v4":
        return owner().signTypedData(JSON.parse(params[1] as string));
      case "personal_sign":
        return owner().signMessage({ message: { raw: params[0] as Hex } });
      case "wallet_switchEthereumChain": {
        if (Number((params[0] as { chainId: Hex }).chainId) === network.chainId) return null;
        throw new ProviderRpcError(new Error("It knows one chain only."), {
          code: 4902,
          shortMessage: "Unknown chain.",
        });
      }
      case "wallet_requestPermissions":
        throw new ProviderRpcError(new Error(method), { code: 4200, shortMessage: "Unsupported method." });
      default:
        // Whatever else is a question to the node, in its own types.
        return node.request({ method, params } as never);
    }
  };
  // It never changes its chain or account, so that nobody is ever told anything.
  return { request, on: () => {}, removeListener: () => {} } as unknown as EIP1193Provider;
}

type RpcTransaction = Partial<
  Record<
    "to" | "data" | "value" | "gas" | "nonce" | "maxFeePerGas" | "maxPriorityFeePerGas" | "gasPrice",
    Hex
  >
>;

/** What a wallet is given in hex, as viem wants it. What is left out, viem fills in. */
function fromRpc({
  to,
  data,
  value,
  gas,
  nonce,
  maxFeePerGas,
  maxPriorityFeePerGas,
}: RpcTransaction): TransactionRequest {
  return {
    ...(to && { to }),
    ...(data && { data }),
    ...(value && { value: hexToBigInt(value) }),
    ...(gas && { gas: hexToBigInt(gas) }),
    ...(nonce && { nonce: Number(nonce) }),
    ...(maxFeePerGas && { maxFeePerGas: hexToBigInt(maxFeePerGas) }),
    ...(maxPriorityFeePerGas && { maxPriorityFeePerGas: hexToBigInt(maxPriorityFeePerGas) }),
  } as TransactionRequest;
}

/** Whatever needs a key; the node has those of development accounts too, and would use them. */
function isSigning(method: string): boolean {
  return /^(eth_send|eth_sign|personal_)/.test(method);
}

/** Whether the page may see the account, as wallets keep it: from one visit to the next. */
function permissionOf(key: string) {
  return {
    isGiven: () => localStorage.getItem(key) !== null,
    give: () => localStorage.setItem(key, "given"),
    take: () => localStorage.removeItem(key),
  };
}
