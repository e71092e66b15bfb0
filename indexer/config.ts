import { localChainIds, type Network, parseNetwork } from "@millrace/protocol";

/** What Ponder and the API take from the environment, which `createIndexer` sets for them. */
export interface IndexerConfig {
  network: Network;
  database: { kind: "postgres"; connectionString: string } | { kind: "pglite"; directory: string };
  /** The same node several times over: Ponder asks each at most 20 times a second. */
  rpcUrls: string[];
  pollingIntervalMs: number;
  isLocal: boolean;
}

/** Without limits of its own: as many requests as it answers. */
const LOCAL_SHARES = 50;

/** @throws MillraceError `invalid-network` */
export function readConfig(env: Readonly<Record<string, string | undefined>>): IndexerConfig {
  const network = parseNetwork(env.MILLRACE_INDEXER_NETWORK ?? "");
  const isLocal = localChainIds.includes(network.chainId);
  const shares = Number(env.MILLRACE_INDEXER_RPC_SHARES ?? (isLocal ? LOCAL_SHARES : 1));
  return {
    network,
    database: env.DATABASE_URL
      ? { kind: "postgres", connectionString: env.DATABASE_URL }
      : { kind: "pglite", directory: env.MILLRACE_INDEXER_DATABASE ?? "" },
    rpcUrls: Array.from({ length: shares }, () => network.rpcUrl),
    pollingIntervalMs: Number(env.MILLRACE_INDEXER_POLLING_MS ?? (isLocal ? 100 : 1_000)),
    isLocal,
  };
}
