/** What one paid job costs elsewhere. */
export interface PeerGas {
  name: string;
  oneJob: number;
  /** Of each job after the first, where the peer makes a difference or has such a thing at all. */
  furtherJob?: number;
}

/**
 * Measured once, on the peers' unmodified contracts in Hardhat's EVM, in 2026; data fees of rollups are not in it, as
 * they are not in ours. Sources: MorpheusAIs/Morpheus-Lumerin-Node, iExecBlockchainComputing/PoCo, Lilypad-Tech/lilypad.
 */
export const peers: readonly PeerGas[] = [
  { name: "Morpheus session, repeated", oneJob: 733_842, furtherJob: 733_842 },
  { name: "Morpheus session, first", oneJob: 972_718, furtherJob: 733_842 },
  { name: "iExec PoCo, one worker, contribute-and-finalize", oneJob: 1_498_609 },
  { name: "iExec PoCo, bag of tasks", oneJob: 1_498_609, furtherJob: 1_356_583 },
  { name: "iExec PoCo, five replicas", oneJob: 3_414_146 },
  { name: "iExec PoCo Boost (not deployed yet)", oneJob: 760_709 },
  { name: "Lilypad v1, accepted", oneJob: 1_510_135, furtherJob: 1_510_135 },
];
