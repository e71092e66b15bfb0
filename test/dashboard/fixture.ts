import type { Network } from "@millrace/protocol";

const address = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

/** A network that nobody runs. */
export const network: Network = {
  name: "local",
  chainId: 31_337,
  rpcUrl: "http://127.0.0.1:18545/rpc",
  market: address,
  asset: address,
  modelRegistry: address,
  parameters: address,
  faults: address,
  court: address,
  backers: address,
  mill: address,
  stakedMill: address,
  governor: address,
  timelock: address,
  deployBlock: 3n,
  relays: ["http://127.0.0.1:17420"],
  indexers: ["https://indexer.example/of/this"],
};
