import type { BrowserContext } from "playwright-core";
import type { Address } from "viem";

/** The name under which dashboards list it. */
export const TEST_WALLET = "Test wallet";

/** What a test may do to its wallet, in the page: `window.testWallet`. */
export interface TestWalletHandle {
  /** Lets the user refuse the next thing that is to be signed. */
  refuseNext: boolean;
  /** What was asked of it, in order. */
  asked: string[];
  /** Lets the user choose another account, or another chain; it stays the node of the same. */
  turn(to: { address?: Address; chainId?: number }): void;
}

/**
 * Puts a wallet into every page of a context: one that announces itself as extensions do (EIP-6963), agrees to
 * everything, and lets the development node sign for its account.
 */
export async function announceWallet(
  context: BrowserContext,
  { address, rpcUrl }: { address: Address; rpcUrl: string },
): Promise<void> {
  await context.addInitScript(installWallet, { address, rpcUrl, name: TEST_WALLET });
}

/** Runs in the page, so it stands alone. */
function installWallet({
  address: first,
  rpcUrl,
  name,
}: {
  address: Address;
  rpcUrl: string;
  name: string;
}): void {
  let address = first;
  let chain: number | undefined;
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  const tell = (event: string, value: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(value);
  };
  const handle: TestWalletHandle = {
    refuseNext: false,
    asked: [],
    turn: (to) => {
      if (to.address) {
        address = to.address;
        tell("accountsChanged", [address]);
      }
      if (to.chainId) {
        chain = to.chainId;
        tell("chainChanged", `0x${chain.toString(16)}`);
      }
    },
  };
  let nextId = 1;
  // As wallets do, it remembers which sites its user let in.
  const CONNECTED = "test-wallet-connected";

  const forward = async (method: string, params: unknown): Promise<unknown> => {
    const response = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: nextId++, method, params: params ?? [] }),
    });
    const { result, error } = (await response.json()) as {
      result?: unknown;
      error?: { code: number; message: string; data?: unknown };
    };
    if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
    return result;
  };

  const provider = {
    request: async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
      handle.asked.push(method);
      if (
        ["eth_sendTransaction", "eth_signTypedData_v4", "personal_sign"].includes(method) &&
        handle.refuseNext
      ) {
        handle.refuseNext = false;
        throw Object.assign(new Error("User rejected the request."), { code: 4001 });
      }
      switch (method) {
        case "eth_requestAccounts":
          localStorage.setItem(CONNECTED, "yes");
          return [address];
        case "eth_accounts":
          return localStorage.getItem(CONNECTED) ? [address] : [];
        case "eth_chainId":
          return chain === undefined ? forward(method, params) : `0x${chain.toString(16)}`;
        case "wallet_requestPermissions":
        case "wallet_getPermissions":
          return [
            {
              parentCapability: "eth_accounts",
              caveats: [{ type: "restrictReturnedAccounts", value: [address] }],
            },
          ];
        case "wallet_switchEthereumChain":
        case "wallet_addEthereumChain":
        case "wallet_revokePermissions":
          return null;
        default:
          return forward(method, params);
      }
    },
    on: (event: string, listener: (value: unknown) => void) => {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event)!.add(listener);
      return provider;
    },
    removeListener: (event: string, listener: (value: unknown) => void) => {
      listeners.get(event)?.delete(listener);
      return provider;
    },
  };
  const detail = Object.freeze({
    info: {
      uuid: "5a8e2f7c-6f0e-4d0b-9a3e-1f2d3c4b5a69",
      name,
      icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8'/%3E%3C/svg%3E",
      rdns: "test.wallet",
    },
    provider,
  });
  const announce = () => globalThis.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  globalThis.addEventListener("eip6963:requestProvider", announce);
  announce();
  Object.assign(globalThis, { testWallet: handle });
}
