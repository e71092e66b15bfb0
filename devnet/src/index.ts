export { localAccounts } from "./accounts.ts";
export { type LocalChain, startChain } from "./chain.ts";
export { fund } from "./fund.ts";
export { type LocalNetwork, startLocalNetwork } from "./localNetwork.ts";
export type { ProviderProcess } from "./providerProcess.ts";
export type { DemoReport } from "./report.ts";
