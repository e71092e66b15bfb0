import { localChainIds, type Network } from "@millrace/protocol";
import { http } from "viem";
import { type Config, createConfig, injected } from "wagmi";
import { chainOf } from "./chainOf.ts";
import { developmentProvider, developmentRoles } from "./developmentProvider.ts";

const DEVELOPMENT_PREFIX = "development-";

/**
 * The wallets that can be connected: those that announce themselves in the browser (EIP-6963), and on local chains the
 * development accounts.
 */
export function createWallets(network: Network): Config {
  const chain = chainOf(network);
  const isLocal = localChainIds.includes(network.chainId);
  const development = developmentRoles.map(({ name, index }) =>
    injected({
      target: {
        id: `${DEVELOPMENT_PREFIX}${index}`,
        name,
        provider: developmentProviderOnce(network, index),
      },
    }),
  );
  return createConfig({
    chains: [chain],
    transports: { [chain.id]: http(network.rpcUrl, { batch: true }) },
    connectors: isLocal ? development : [],
  });
}

/** Whether a wallet is one of the development accounts. */
export function isDevelopmentWallet(connectorId: string): boolean {
  return connectorId.startsWith(DEVELOPMENT_PREFIX);
}

/** Made when it is first asked for: only the chosen account's key is ever derived. */
function developmentProviderOnce(network: Network, index: number) {
  let provider: ReturnType<typeof developmentProvider> | undefined;
  return () => {
    provider ??= developmentProvider(network, index);
    // Its type is wider than what wagmi asks of a provider.
    return provider as never;
  };
}
