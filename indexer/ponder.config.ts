import {
  backersAbi,
  courtAbi,
  faultsAbi,
  governorAbi,
  marketAbi,
  modelRegistryAbi,
  parametersAbi,
  stakedMillAbi,
  timelockAbi,
} from "@millrace/protocol";
import { createConfig } from "ponder";
import { readConfig } from "./config.ts";

const { network, database, rpcUrls, pollingIntervalMs, isLocal } = readConfig(process.env);

const since = { chain: "millrace", startBlock: Number(network.deployBlock) } as const;

export default createConfig({
  database,
  chains: {
    millrace: {
      id: network.chainId,
      rpc: rpcUrls,
      pollingInterval: pollingIntervalMs,
      // A local chain begun anew has other blocks under the same numbers.
      disableCache: isLocal,
    },
  },
  contracts: {
    Market: { ...since, abi: marketAbi, address: network.market },
    ModelRegistry: { ...since, abi: modelRegistryAbi, address: network.modelRegistry },
    Parameters: { ...since, abi: parametersAbi, address: network.parameters },
    Faults: { ...since, abi: faultsAbi, address: network.faults },
    Court: { ...since, abi: courtAbi, address: network.court },
    Backers: { ...since, abi: backersAbi, address: network.backers },
    StakedMill: { ...since, abi: stakedMillAbi, address: network.stakedMill },
    Governor: { ...since, abi: governorAbi, address: network.governor },
    Timelock: { ...since, abi: timelockAbi, address: network.timelock },
  },
});
