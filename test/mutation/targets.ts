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
      "contracts/{Market,Ledger,Offers,Operators}.sol",
      "contracts/types/{Account,Job,Lot,Offer,Operator}.sol",
      "contracts/libraries/*.sol",
    ],
    tests: [
      "test/contracts/market/*.t.sol",
      "test/contracts/{Ledger,Offers,Operators}*.t.sol",
      "test/contracts/{libraries,types}/*.t.sol",
      "test/contracts/attacks/*.t.sol",
      "test/contracts/invariant/Market*.t.sol",
    ],
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
    name: "Seats",
    sources: ["contracts/Seats.sol", "contracts/types/{History,Seat,SeatList}.sol"],
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
