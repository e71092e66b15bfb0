import type { Wallet } from "@millrace/client";
import type { Network } from "@millrace/protocol";
import {
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  type EIP1193RequestFn,
  http,
  MethodNotFoundRpcError,
  UserRejectedRequestError,
} from "viem";

/** What a page finds of a browser's wallet: an EIP-1193 provider, here over the keys that the chain's node holds. */
export interface TestWallet {
  wallet: Wallet;
  /** The methods that were asked of it, in order. */
  asked: string[];
}

/**
 * @param refuse methods that its user refuses
 * @param lacks methods that it does not have
 * @param sends how many transactions its user agrees to. Default: all.
 * @param onRequest is waited for before each request is passed on
 * @param chainId what it says it is on. Default: the network's.
 */
export function openWallet(
  network: Network,
  address: Address,
  {
    refuse = [],
    lacks = [],
    onRequest,
    chainId,
    sends = Number.POSITIVE_INFINITY,
  }: {
    refuse?: readonly string[];
    lacks?: readonly string[];
    onRequest?: (method: string) => Promise<void>;
    chainId?: number;
    sends?: number;
  } = {},
): TestWallet {
  const node = createPublicClient({ transport: http(network.rpcUrl) });
  const asked: string[] = [];
  const request = (async (call: { method: string }) => {
    asked.push(call.method);
    const isEnough = asked.filter((method) => method === "eth_sendTransaction").length > sends;
    if (refuse.includes(call.method) || (call.method === "eth_sendTransaction" && isEnough))
      throw new UserRejectedRequestError(new Error("User rejected the request."));
    if (lacks.includes(call.method)) throw new MethodNotFoundRpcError(new Error("Not here."), call);
    if (call.method === "eth_chainId" && chainId !== undefined) return `0x${chainId.toString(16)}`;
    await onRequest?.(call.method);
    return node.request(call as never);
  }) as EIP1193RequestFn;
  return { wallet: createWalletClient({ account: address, transport: custom({ request }) }), asked };
}
