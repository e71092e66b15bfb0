/** One contract under mutation: what is mutated, and the tests that must notice. */
export interface Target {
  readonly name: string;
  /** Files or globs whose code is mutated: the contract, and the bases, types and libraries that are its own. */
  readonly sources: readonly string[];
  /**
   * Files or globs of deployed contracts that the sources go into, where those are not all among the sources: an
   * abstract contract has no code of its own by which to tell that a mutant is equal. By default, the sources.
   */
  readonly code?: readonly string[];
  /** Files or globs of the tests that may kill, those likeliest to first. */
  readonly tests: readonly string[];
}

const cases = [
  "test/contracts/court/{Challenge,Juries,Conclude,DeliveryCases,CasePreempt}.t.sol",
  "test/contracts/court/{Vanishing,CaseFuzz}.t.sol",
];

export const targets: readonly Target[] = [
  {
    name: "Market",
    sources: [
      "contracts/{Market,Ledger,Offers,Operators}.sol",
      "contracts/types/{Account,Job,Lot,Offer,Operator}.sol",
      "contracts/libraries/{FirstLoss,Hashes,PositionalTree,Pricing}.sol",
    ],
    code: ["contracts/{Market,Faults,Court}.sol"],
    tests: [
      "test/contracts/market/*.t.sol",
      "test/contracts/{Ledger,Offers,Operators}*.t.sol",
      "test/contracts/libraries/{FirstLoss,Hashes,PositionalTree,Pricing}.t.sol",
      "test/contracts/types/{Account,Lot}.t.sol",
      "test/contracts/attacks/*.t.sol",
      "test/contracts/backers/{Lots,Pools,Attacks}.t.sol",
      "test/contracts/invariant/Market*.t.sol",
    ],
  },
  {
    name: "Backers",
    sources: ["contracts/Backers.sol", "contracts/types/Pool.sol"],
    tests: ["test/contracts/backers/*.t.sol", "test/contracts/invariant/Backers.t.sol"],
  },
  {
    name: "Faults",
    sources: ["contracts/Faults.sol", "contracts/types/{Fault,ModelSpec,Receipt}.sol"],
    tests: [
      "test/contracts/faults/*.t.sol",
      "test/contracts/libraries/Hashes.t.sol",
      "test/contracts/invariant/Faults.t.sol",
    ],
  },
  {
    name: "Court",
    sources: ["contracts/Court.sol", "contracts/libraries/AuditSet.sol", "contracts/types/Case.sol"],
    code: ["contracts/Court.sol"],
    tests: ["test/contracts/libraries/AuditSet.t.sol", ...cases],
  },
  {
    name: "Juries",
    sources: ["contracts/Juries.sol"],
    code: ["contracts/Court.sol"],
    tests: cases,
  },
  {
    name: "Endings",
    sources: ["contracts/Endings.sol"],
    code: ["contracts/Court.sol"],
    tests: cases,
  },
  {
    name: "Votes",
    sources: ["contracts/libraries/Votes.sol"],
    code: ["contracts/Court.sol"],
    tests: ["test/contracts/libraries/Votes.t.sol", ...cases],
  },
  {
    name: "Seats",
    sources: ["contracts/Seats.sol", "contracts/types/{History,Seat,SeatList}.sol"],
    code: ["contracts/Court.sol"],
    tests: [
      "test/contracts/court/Seats*.t.sol",
      "test/contracts/types/{History,SeatList}.t.sol",
      "test/contracts/invariant/Seats.t.sol",
    ],
  },
  {
    name: "Parameters",
    sources: ["contracts/Parameters.sol"],
    tests: [
      "test/contracts/Parameters*.t.sol",
      "test/contracts/invariant/Parameters.t.sol",
      "test/contracts/governance/Cycle.t.sol",
    ],
  },
  {
    name: "Governance",
    sources: ["contracts/governance/*.sol"],
    tests: ["test/contracts/governance/*.t.sol", "test/contracts/invariant/StakedMill.t.sol"],
  },
];
