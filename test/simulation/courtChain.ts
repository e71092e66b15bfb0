import {
  auditLeafOf,
  type CourtParameters,
  encodeSubmit,
  hashReceiptLeaf,
  hashText,
  type Job,
  type JobRequest,
  type Lot,
  lotIdOf,
  type MarketParameters,
  type Offer,
  type Submission,
} from "@millrace/protocol";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import {
  type Abi,
  type Address,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  keccak256,
  type Log,
  maxUint256,
  numberToHex,
  parseEventLogs,
  zeroAddress,
  zeroHash,
} from "viem";
import hardhatConfig from "../../hardhat.production.config.ts";
import { type CaseRecord, minimum, type Side } from "./payout.ts";
import type { Random } from "./random.ts";
import { courtRules } from "./rules.ts";
import type { Ballot, Verdict } from "./votes.ts";

export const JUROR_FEE = 997n;
export const SEAT_STAKE = 10_000n * JUROR_FEE;
const PHASE_SECONDS = 60;
const ONE_PER_TOKEN = 1_000_000n;
const DEPOSIT = 10n ** 15n;
/** Named, or each transaction would ask for them. */
const GAS = numberToHex(16_000_000);
const GAS_PRICE = numberToHex(10_000_000_000);
/** What a voided item is fined, in its prices. */
const FINES_PER_PRICE = 100n;
/** Of the one item of each lot. */
const TOKENS = { prompt: 3, output: 4 };
const OUTSIDE_AUDIT_SET = 2 ** 32 - 1;
const EVIDENCE_HASH = hashText("evidence");

const marketParameters: MarketParameters = {
  feeBps: 100,
  collateralBps: 10_000,
  penaltyBps: 1_000,
  releaseBps: 50,
  bountyBps: 1_000,
  graceSeconds: 60,
  submitGraceSeconds: 60,
  windowSeconds: 600,
  bidSeconds: 600,
  minLotCollateral: 10n * JUROR_FEE,
  receiptFee: 500n,
  answerSeconds: PHASE_SECONDS,
};
const courtParameters: CourtParameters = {
  seatStake: SEAT_STAKE,
  jurorFee: JUROR_FEE,
  minSeats: 5,
  kappaBps: 50_000,
  activationSeconds: PHASE_SECONDS,
  phaseSeconds: PHASE_SECONDS,
};

/** What is free in the Market's ledger, in base units. */
export interface Balances {
  buyer: bigint;
  auditor: bigint;
  provider: bigint;
  vault: bigint;
  /** What of the provider's is not free. */
  locked: bigint;
}

/** A case that was played on the chain. */
export interface Played {
  lot: Lot;
  /** From the submission to the end. */
  changes: Balances;
  /** The ids of each jury's seats, by place. */
  juries: number[][];
  verdict: Verdict;
}

export interface CourtChain extends AsyncDisposable {
  /** A model with so many seats, all of one juror. */
  openCourt(seats: number): Promise<Hex>;
  /** Plays a case as a record tells it, on a lot of its own of that collateral. Whatever else the court says, throws. */
  play(modelId: Hex, record: CaseRecord, random: Random): Promise<Played>;
  /** What each seat has more or less than it was taken with, by id. */
  seatChanges(): Promise<Map<number, bigint>>;
  /** What the court holds. */
  courtFree(): Promise<bigint>;
}

interface SeatView {
  stake: bigint;
  reserved: bigint;
  earnings: bigint;
}

type Role = "deployer" | "buyer" | "auditor" | "provider" | "juror" | "vault";
const roles: readonly Role[] = ["deployer", "buyer", "auditor", "provider", "juror", "vault"];
type ContractName = "TestUSD" | "Parameters" | "Faults" | "Court" | "Market";

/** The real contracts on a chain in this process, and everyone who takes part in a case. */
export async function startCourtChain(): Promise<CourtChain> {
  const hre = await createHardhatRuntimeEnvironment(hardhatConfig, {}, `${import.meta.dirname}/../..`);
  const connection = await hre.network.create("node");
  const { provider: rpc } = connection;
  await rpc.request({ method: "evm_setIntervalMining", params: [0] });
  const addresses = (await rpc.request({ method: "eth_accounts" })) as Address[];
  const who = Object.fromEntries(roles.map((role, i) => [role, addresses[i]!])) as Record<Role, Address>;
  const abis: Partial<Record<ContractName, Abi>> = {};
  const at: Partial<Record<ContractName, Address>> = {};
  let nonce = 0n;
  let seatCount = 0;
  let drawsToTry = DRAWS_TO_TRY;

  const sendData = async (from: Role, to: ContractName | null, data: Hex) => {
    const target = to === null ? {} : { to: at[to]! };
    const hash = await rpc.request({
      method: "eth_sendTransaction",
      params: [{ from: who[from], gas: GAS, gasPrice: GAS_PRICE, data, ...target }],
    });
    return hash as Hex;
  };
  const receiptOf = async (hash: Hex) =>
    (await rpc.request({ method: "eth_getTransactionReceipt", params: [hash] })) as {
      contractAddress: Address;
      logs: Log[];
      blockNumber: Hex;
    };
  const deploy = async (name: ContractName, args: readonly unknown[]): Promise<Address> => {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    abis[name] = abi as Abi;
    const data = encodeDeployData({ abi: abi as Abi, bytecode: bytecode as Hex, args });
    const { contractAddress } = await receiptOf(await sendData("deployer", null, data));
    at[name] = contractAddress;
    return contractAddress;
  };
  const send = (from: Role, contract: ContractName, functionName: string, args: readonly unknown[]) =>
    sendData(from, contract, encodeFunctionData({ abi: abis[contract]!, functionName, args }));
  const read = async (contract: ContractName, functionName: string, args: readonly unknown[]) => {
    const abi = abis[contract]!;
    const call = { to: at[contract]!, data: encodeFunctionData({ abi, functionName, args }) };
    const data = (await rpc.request({ method: "eth_call", params: [call, "latest"] })) as Hex;
    return decodeFunctionResult({ abi, functionName, data }) as unknown;
  };
  /** The arguments of an event of that name in a transaction that has one. */
  const eventOf = async (hash: Hex, contract: ContractName, eventName: string) => {
    const { logs } = await receiptOf(hash);
    const [event] = parseEventLogs({ abi: abis[contract]!, logs, eventName });
    if (event === undefined) throw new Error(`No ${eventName}`);
    // The ABI comes from a file: its types are known to whoever reads the event.
    return (event as unknown as { args: Record<string, unknown> }).args;
  };
  const pass = (seconds: number) => rpc.request({ method: "evm_increaseTime", params: [seconds] });
  /** Until what has a deadline of one phase has lapsed. */
  const lapse = () => pass(PHASE_SECONDS + 1);

  const asset = await deploy("TestUSD", []);
  const minPhaseSeconds = PHASE_SECONDS;
  const parameters = await deploy("Parameters", [
    who.deployer,
    zeroAddress,
    minPhaseSeconds,
    marketParameters,
    courtParameters,
  ]);
  const faults = await deploy("Faults", []);
  const court = await deploy("Court", [zeroAddress]);
  const market = await deploy("Market", [asset, parameters, who.vault, faults, court]);
  for (const role of ["buyer", "auditor", "provider", "juror"] as const) {
    await send("deployer", "TestUSD", "mint", [who[role], DEPOSIT]);
    await send(role, "TestUSD", "approve", [market, maxUint256]);
    await send(role, "Market", "deposit", [who[role], DEPOSIT]);
  }

  const accountOf = (address: Address) =>
    read("Market", "accountOf", [address]) as Promise<{ free: bigint; locked: bigint }>;
  const balances = async (): Promise<Balances> => {
    const [buyer, auditor, provider, vault] = await Promise.all(
      (["buyer", "auditor", "provider", "vault"] as const).map((role) => accountOf(who[role])),
    );
    return {
      buyer: buyer!.free,
      auditor: auditor!.free,
      provider: provider!.free,
      vault: vault!.free,
      locked: provider!.locked,
    };
  };

  const offerFor = (modelId: Hex): Offer => ({
    provider: who.provider,
    modelId,
    encryptionKey: hashText("provider key"),
    promptPricePerMillion: ONE_PER_TOKEN,
    outputPricePerMillion: ONE_PER_TOKEN,
    capacityItems: 1_000_000,
    minLotItems: 1,
    maxLotItems: 1,
    minLotValue: 0n,
    maxPromptTokens: 2 ** 32 - 1,
    maxOutputTokens: 2 ** 32 - 1,
    minTurnaroundSeconds: 60,
    validUntil: 2 ** 40 - 1,
    epoch: 0,
    salt: 0n,
  });

  /** A submitted lot of one item with that collateral, at most its value. */
  async function openLot(modelId: Hex, collateral: bigint) {
    nonce += 1n;
    const secret = numberToHex(nonce, { size: 32 });
    const request: JobRequest = {
      nonce,
      modelId,
      inputRoot: hashText("input root"),
      // The tree of one leaf.
      auditRoot: auditLeafOf(secret, 0),
      encryptionKey: hashText("buyer key"),
      auditor: who.auditor,
      itemCount: 1,
      promptTokensCap: Number(collateral) - TOKENS.output,
      outputTokensCap: TOKENS.output,
      promptLimitPerMillion: ONE_PER_TOKEN,
      outputLimitPerMillion: ONE_PER_TOKEN,
      startBps: 0,
      rampSeconds: 60,
      turnaroundSeconds: 600,
      minLotItems: 1,
      minLotValue: 0n,
    };
    const fills = [{ offer: offerFor(modelId), signature: "0x", lotItems: [1] }];
    const opened = await send("buyer", "Market", "openJob", [who.buyer, request, fills]);
    const lot = (await eventOf(opened, "Market", "LotAssigned")).lot as Lot;
    const job = (await eventOf(opened, "Market", "JobOpened")).job as Job;
    const receiptHash = hashText("receipt");
    const totals = {
      promptTokens: BigInt(TOKENS.prompt),
      outputTokens: BigInt(TOKENS.output),
      errors: 0,
    };
    const submission: Submission = {
      // Of one leaf, too.
      root: hashReceiptLeaf(receiptHash, totals),
      resultsHash: hashText("results"),
      resultsKeyHash: hashText("results key"),
      totals,
    };
    await sendData("provider", "Market", encodeSubmit([{ lot, submission }]));
    const placed = { receiptHash, totals, path: [] };
    return { job, lot, submission, placed, proof: { secret, path: [], position: 0 } };
  }

  const play: CourtChain["play"] = async (modelId, record, random) => {
    const { kind, collateral, juries, bonds } = record;
    const { job, lot, submission, placed, proof } = await openLot(modelId, collateral);
    const lotId = lotIdOf(lot);
    const before = await balances();
    const isDelivery = kind === "delivery";
    const challenger: Role = isDelivery ? "buyer" : "auditor";
    const secret = keccak256(lotId);
    const commitment = keccak256(secret);

    if (isDelivery) {
      await send("buyer", "Court", "demandDelivery", [job, lot]);
      await send("provider", "Court", "answerDelivery", [lot, "0x01"]);
      await send("buyer", "Court", "objectDelivery", [job, lot, commitment]);
    } else {
      const inSet = kind === "audit" ? proof : { ...proof, position: OUTSIDE_AUDIT_SET };
      await send("auditor", "Court", "challenge", [job, lot, submission, 0n, inSet, commitment]);
    }
    let providerSecret: Hex = zeroHash;
    if (random.happens(0.5)) {
      providerSecret = hashText("provider secret");
      await send("provider", "Court", "answer", [lot, providerSecret]);
    } else {
      await lapse();
    }
    await send(challenger, "Court", "openEvidence", [lotId, secret, providerSecret, EVIDENCE_HASH]);

    const drawn: number[][] = [];
    const appeals = bonds.slice(1);
    // How often the present jury was drawn again, or that it decided and is not appealed against.
    let redraws = 0;
    let isDecided = false;
    for (const { ballots, isJudged } of juries) {
      drawn.push(await sit(ballots));
      await send("juror", "Court", "decide", [lotId]);
      if (!isJudged) {
        redraws += 1;
        continue;
      }
      redraws = 0;
      const appeal = appeals.shift();
      isDecided = appeal === undefined;
      if (appeal) await send(roleOf(appeal.by), "Court", "appeal", [lot]);
    }
    const isWaiting = !isDecided && redraws <= courtRules.redraws;
    if (isWaiting && drawsToTry > 0) {
      drawsToTry -= 1;
      await rpc.request({ method: "evm_mine" });
      await expectRevert(send("juror", "Court", "draw", [job, lot]));
    }
    await lapse();
    const conclusion =
      kind === "item" && record.final.verdict === "fault"
        ? await send("juror", "Court", "concludeItem", [lot, submission, placed, placed])
        : await send("juror", "Court", "conclude", [lot]);
    const { verdict } = await eventOf(conclusion, "Court", "CaseConcluded");
    const after = await balances();
    const changes = { ...after };
    for (const name of Object.keys(changes) as (keyof Balances)[]) changes[name] -= before[name];
    return {
      lot,
      changes,
      juries: drawn,
      verdict: verdicts[verdict as number]!,
    };

    function roleOf(side: Side): Role {
      return side === "provider" ? "provider" : challenger;
    }

    /** Draws a jury and lets it vote. Returns its seats. */
    async function sit(ballots: readonly Ballot[]): Promise<number[]> {
      await rpc.request({ method: "evm_mine" });
      const hash = await send("juror", "Court", "draw", [job, lot]);
      const seats = (await eventOf(hash, "Court", "JuryDrawn")).seatIds as number[];
      const keys = ballots.map((): Hex => "0x02");
      await send(isDelivery ? "provider" : challenger, "Court", "shareKeys", [lot, keys]);

      const commits = ballots.map((ballot) => ballot !== null || random.happens(0.5));
      for (const [place, doesCommit] of commits.entries()) {
        if (!doesCommit) continue;
        await send("juror", "Court", "commitVote", [
          lotId,
          place,
          sealed(seats[place]!, ballots[place] ?? 0),
        ]);
      }
      const isComplete = commits.every(Boolean);
      if (!isComplete) await lapse();
      for (const [place, ballot] of ballots.entries()) {
        if (ballot !== null) await send("juror", "Court", "revealVote", [lotId, place, ballot, zeroHash]);
      }
      if (ballots.includes(null)) {
        // Where all have committed and nobody has revealed, two phases pass.
        await lapse();
        if (isComplete) await lapse();
      }
      return seats;
    }

    function sealed(seatId: number, vote: number): Hex {
      const caseId = hashOf(["bytes32", "uint256"], [lotId, 1n]);
      const juryId = hashOf(["bytes32", "uint256"], [caseId, BigInt(drawn.flat().length)]);
      return hashOf(["bytes32", "uint32", "int16", "bytes32"], [juryId, seatId, vote, zeroHash]);
    }
  };

  return {
    play,
    async openCourt(seats) {
      const modelId = hashText(`model of ${seats} seats`);
      for (let i = 0; i < seats; i++) {
        await send("juror", "Court", "takeSeat", [who.juror, who.juror, modelId, zeroHash]);
      }
      seatCount += seats;
      await send("provider", "Market", "postOffer", [offerFor(modelId)]);
      await lapse();
      await rpc.request({ method: "evm_mine" });
      return modelId;
    },
    async seatChanges() {
      const changes = new Map<number, bigint>();
      // Ids count from 1.
      for (let id = 1; id <= seatCount; id++) {
        const seat = (await read("Court", "seat", [id])) as SeatView;
        if (seat.reserved !== 0n) throw new Error(`Seat ${id} still has ${seat.reserved} reserved`);
        changes.set(id, seat.stake + seat.earnings - SEAT_STAKE);
      }
      return changes;
    },
    courtFree: async () => (await accountOf(court)).free,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** Draws from too few seats: the chain records every step of what reverts, which takes it a second. */
const DRAWS_TO_TRY = 3;
/** In the order of the contract's enum. */
const verdicts = ["none", "rejected", "inconclusive", "fault"] as const satisfies Verdict[];

function hashOf(types: readonly string[], values: readonly unknown[]): Hex {
  const parameters = types.map((type) => ({ type }));
  return keccak256(encodeAbiParameters(parameters, values));
}

async function expectRevert(call: Promise<unknown>): Promise<void> {
  const didRevert = await call.then(
    () => false,
    (error: Error) => error.message.includes("Seats_NotEnough"),
  );
  if (!didRevert) throw new Error("A jury was drawn from too few seats");
}

/** What the fault of an item that can only be voided costs beside the jury, at most `left`. */
export function fineOf(left: bigint): bigint {
  return minimum(FINES_PER_PRICE * BigInt(TOKENS.prompt + TOKENS.output), left);
}
