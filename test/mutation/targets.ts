/** One contract under mutation: what is mutated, and the tests that must notice. */
export interface Target {
  readonly name: string;
  /** Files or globs whose code is mutated: the contract, and the bases, types and libraries that are its own. */
  readonly sources: readonly string[];
  /** Files or globs of the tests that may kill, those likeliest to first. */
  readonly tests: readonly string[];
}

export const targets: readonly Target[] = [
  {
    name: "Market",
    sources: [
      "contracts/Market.sol",
      "contracts/Ledger.sol",
      "contracts/types/*.sol",
      "contracts/libraries/{Hashes,PositionalTree,Pricing}.sol",
    ],
    tests: [
      "test/contracts/market/*.t.sol",
      "test/contracts/Ledger.t.sol",
      "test/contracts/libraries/{Hashes,PositionalTree,Pricing}.t.sol",
      "test/contracts/attacks/*.t.sol",
      "test/contracts/invariant/Market.t.sol",
    ],
  },
  {
    name: "Governance",
    sources: ["contracts/governance/*.sol"],
    tests: ["test/contracts/governance/*.t.sol", "test/contracts/invariant/StakedMill.t.sol"],
  },
];
