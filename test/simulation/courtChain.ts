import { hashText, type Lot, lotIdOf } from "@millrace/protocol";
import { encodeAbiParameters, type Hex, keccak256, zeroHash } from "viem";
import { type Role, SEAT_STAKE, startContracts } from "./contracts.ts";
import { offerOf, openLot } from "./lots.ts";
import type { CaseRecord, Side } from "./payout.ts";
import type { Random } from "./random.ts";
import { courtRules } from "./rules.ts";
import type { Ballot, Verdict } from "./votes.ts";

const OUTSIDE_AUDIT_SET = 2 ** 32 - 1;
const EVIDENCE_HASH = hashText("evidence");
/** Draws from too few seats: the chain records every step of what reverts, which takes it a second. */
const DRAWS_TO_TRY = 3;
/** In the order of the contract's enum. */
const verdicts = ["none", "rejected", "inconclusive", "fault"] as const satisfies Verdict[];

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
  /** Of jobs from now on, in base units: what jurors lose is a part of it. */
  setSeatStake(seatStake: bigint): Promise<unknown>;
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

/** The real contracts on a chain in this process, and everyone who takes part in a case. */
export async function startCourtChain(): Promise<CourtChain> {
  const contracts = await startContracts();
  const { who, send, read, eventOf, accountOf, lapse, mine } = contracts;
  let nonce = 0n;
  let seatCount = 0;
  let drawsToTry = DRAWS_TO_TRY;

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

  const play: CourtChain["play"] = async (modelId, record, random) => {
    nonce += 1n;
    const { kind, collateral, juries, bonds } = record;
    const { job, lot, submission, placed, proof } = await openLot(contracts, {
      modelId,
      collateral,
      nonce,
    });
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
      await mine();
      await expectRevert(send("juror", "Court", "draw", [job, lot]));
    }
    // Nothing is waited for once the last jury has spoken, or none will.
    const isLast = isDecided && bonds.length === courtRules.sizes.length;
    if (!isLast && redraws <= courtRules.redraws) await lapse();
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
      await mine();
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
    setSeatStake: contracts.setSeatStake,
    async openCourt(seats) {
      const modelId = hashText(`model of ${seats} seats`);
      for (let i = 0; i < seats; i++) {
        await send("juror", "Court", "takeSeat", [who.juror, who.juror, modelId, zeroHash]);
      }
      seatCount += seats;
      await send("provider", "Market", "postOffer", [offerOf(who.provider, modelId)]);
      await lapse();
      await mine();
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
    courtFree: async () => (await accountOf(contracts.court)).free,
    [Symbol.asyncDispose]: () => contracts[Symbol.asyncDispose](),
  };
}

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
