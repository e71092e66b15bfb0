import {
  AUDIT_ATTEMPTS,
  type CaseKind,
  courtAbi,
  hashChain,
  hashReceipt,
  juryIdOf,
  jurySizes,
  knownReceipts,
  lotIdOf,
  NOT_IN_AUDIT_SET,
  unpackDocket,
  voteCommitmentOf,
} from "@millrace/protocol";
import { bytesToHex, type Hex, keccak256, zeroHash } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { eventOf, type MarketDriver } from "./marketDriver.ts";
import { type ComputedLot, compute, fillOf, openJob, postOffer, publishModel, submit } from "./trading.ts";

/** Of the parameters that the chain of a market driver is deployed with. */
export const PHASE_SECONDS = 60;
const ACTIVATION_SECONDS = 60;

/** A juror's vote; null: none. */
export type Ballot = number | null;

/** A court with seats for one model, and a lot of it that was submitted: what may be done about it, step by step. */
export class Trial {
  readonly market: MarketDriver;
  readonly computed: ComputedLot;
  readonly auditor: PrivateKeyAccount;
  readonly lotId: Hex;
  /** Who votes for a seat, by its id. */
  readonly #voters: ReadonlyMap<number, PrivateKeyAccount>;
  readonly #secret: Hex;
  #providerSecret: Hex = zeroHash;
  #kind: CaseKind = "audit";
  #index = 0;

  private constructor(
    market: MarketDriver,
    computed: ComputedLot,
    auditor: PrivateKeyAccount,
    voters: ReadonlyMap<number, PrivateKeyAccount>,
  ) {
    this.market = market;
    this.computed = computed;
    this.auditor = auditor;
    this.lotId = lotIdOf(computed.lot);
    this.#voters = voters;
    this.#secret = market.word();
  }

  /**
   * @param seats With twelve, a first jury can be drawn; with sixty, every one.
   * @param commit What is submitted. Default: what was computed.
   */
  static async begin(
    market: MarketDriver,
    {
      seats = 12,
      commit = (computed) => submit(market, [computed]),
    }: { seats?: number; commit?: (computed: ComputedLot) => Promise<unknown> } = {},
  ): Promise<Trial> {
    const { spec, modelId } = await publishModel(market);
    const voters = await takeSeats(market, { modelId, seats });
    const [buyer, provider, auditor] = [await market.trader(), await market.trader(), await market.trader()];
    const fills = [fillOf(await postOffer(market, provider, { modelId }), [4])];
    const request = { spec, buyer, itemCount: 4, fills, auditor: auditor.address };
    const opened = await openJob(market, request);
    const computed = compute(market, opened, opened.lots[0]!);
    await commit(computed);
    return new Trial(market, computed, auditor, voters);
  }

  get #challenger(): Hex {
    return this.#kind === "delivery" ? this.computed.lot.buyer : this.auditor.address;
  }

  /** Challenges an item as one of the audit set, or as any. */
  async challenge(kind: "audit" | "item", index = 1): Promise<void> {
    const { opened, lot, submission } = this.computed;
    this.#kind = kind;
    this.#index = index;
    const secret = bytesToHex(hashChain(opened.chains[0]!, AUDIT_ATTEMPTS - 1));
    const path = opened.auditTree.path(0);
    const proof = { secret, path, position: kind === "audit" ? index : NOT_IN_AUDIT_SET };
    const commitment = keccak256(this.#secret);
    const args = [opened.job, lot, submission, BigInt(index), proof, commitment] as const;
    await this.market.send(this.auditor.address, "court", "challenge", args);
  }

  async demandDelivery(): Promise<void> {
    const { opened, lot } = this.computed;
    await this.market.send(lot.buyer, "court", "demandDelivery", [opened.job, lot]);
  }

  async answerDelivery(): Promise<void> {
    const { lot } = this.computed;
    await this.market.send(lot.provider, "court", "answerDelivery", [lot, this.market.word()]);
  }

  async objectDelivery(): Promise<void> {
    const { opened, lot } = this.computed;
    this.#kind = "delivery";
    const args = [opened.job, lot, keccak256(this.#secret)] as const;
    await this.market.send(lot.buyer, "court", "objectDelivery", args);
  }

  /** The provider adds a secret to the draw. */
  async answer(): Promise<void> {
    const { lot } = this.computed;
    this.#providerSecret = this.market.word();
    await this.market.send(lot.provider, "court", "answer", [lot, this.#providerSecret]);
  }

  async openEvidence(): Promise<void> {
    const args = [this.lotId, this.#secret, this.#providerSecret, this.market.word()] as const;
    await this.market.send(this.#challenger, "court", "openEvidence", args);
  }

  /** The parties' part, up to the first draw. */
  async present(): Promise<void> {
    if (this.market.random.happens(0.5)) await this.answer();
    else await this.lapse();
    await this.openEvidence();
  }

  /** Draws a jury. Returns its seats. */
  async draw(): Promise<readonly number[]> {
    const { opened, lot } = this.computed;
    // The block after the one in which it was armed has to be there.
    await this.market.mine();
    const logs = await this.market.send(lot.buyer, "court", "draw", [opened.job, lot]);
    return eventOf(logs, courtAbi, "JuryDrawn").seatIds;
  }

  /** Lets the hash of another block draw. */
  async rearm(): Promise<void> {
    await this.market.rpc("anvil_mine", ["0x102"]);
    await this.market.send(this.computed.lot.buyer, "court", "rearm", [this.lotId]);
  }

  async shareKeys(count: number): Promise<void> {
    const by = this.#kind === "delivery" ? this.computed.lot.provider : this.#challenger;
    const keys = Array.from({ length: count }, () => this.market.word());
    await this.market.send(by, "court", "shareKeys", [this.computed.lot, keys]);
  }

  /** Draws a jury, which votes so, and counts the votes. */
  async sit(ballots: readonly Ballot[]): Promise<void> {
    const { market, lotId } = this;
    const seats = await this.draw();
    await this.shareKeys(ballots.length);
    const { network } = market;
    const docket = await market.reader.readContract({
      address: network.court,
      abi: courtAbi,
      functionName: "docketOf",
      args: [lotId],
    });
    const juryId = juryIdOf(lotId, unpackDocket(docket));
    const salt = market.word();
    // Of those who reveal nothing, some have committed.
    const hasCommitted = ballots.map((ballot) => ballot !== null || market.random.happens(0.5));
    for (const [place, seatId] of seats.entries()) {
      if (!hasCommitted[place]) continue;
      const commitment = voteCommitmentOf({ juryId, seatId, vote: ballots[place] ?? 0, salt });
      await market.send(this.#voter(seatId), "court", "commitVote", [lotId, BigInt(place), commitment]);
    }
    const isComplete = hasCommitted.every(Boolean);
    if (!isComplete) await this.lapse();
    for (const [place, vote] of ballots.entries()) {
      if (vote === null) continue;
      const args = [lotId, BigInt(place), vote, salt] as const;
      await market.send(this.#voter(seats[place]!), "court", "revealVote", args);
    }
    if (ballots.includes(null)) {
      // Where all have committed and nobody has revealed, two phases pass.
      await this.lapse();
      await this.lapse();
    }
    await this.#anyone("decide", [lotId]);
  }

  async appeal(by: "provider" | "challenger"): Promise<void> {
    const { lot } = this.computed;
    const appellant = by === "provider" ? lot.provider : this.#challenger;
    await this.market.send(appellant, "court", "appeal", [lot]);
  }

  async conclude(): Promise<void> {
    await this.#anyone("conclude", [this.computed.lot]);
  }

  /** Ends a case about one item that was found wrong. */
  async concludeItem(): Promise<void> {
    const { lot, submission, book } = this.computed;
    const known = knownReceipts(book.receipts);
    const leafOf = (index: number) => ({
      receiptHash: hashReceipt(book.receipts[index]!),
      totals: known[index]!.totals,
      path: book.tree.path(index),
    });
    const leaves = [leafOf(Math.max(0, this.#index - 1)), leafOf(this.#index)] as const;
    const { address } = this.market.somebody();
    await this.market.send(address, "court", "concludeItem", [lot, submission, ...leaves]);
  }

  /** Until what has to be done in a phase is late. */
  async lapse(): Promise<void> {
    await this.market.lapse(PHASE_SECONDS + 1);
  }

  async #anyone(functionName: "conclude", args: readonly [ComputedLot["lot"]]): Promise<void>;
  async #anyone(functionName: "decide", args: readonly [Hex]): Promise<void>;
  async #anyone(functionName: "conclude" | "decide", args: readonly unknown[]): Promise<void> {
    await this.market.send(this.market.somebody().address, "court", functionName, args as never);
  }

  #voter(seatId: number): Hex {
    return this.#voters.get(seatId)!.address;
  }
}

/** So many like ballots as a jury of that round has. */
export const unanimous = (vote: Ballot, round: 0 | 1 | 2 = 0): Ballot[] =>
  Array.from({ length: jurySizes[round] }, () => vote);

/** Takes seats for some jurors, one of whom lets another account vote, and waits until they are active. */
async function takeSeats(
  market: MarketDriver,
  { modelId, seats }: { modelId: Hex; seats: number },
): Promise<Map<number, PrivateKeyAccount>> {
  const owners = [await market.trader(), await market.trader(), await market.trader()];
  const voter = market.somebody();
  const voters = new Map<number, PrivateKeyAccount>();
  for (let i = 0; i < seats; i++) {
    const owner = owners[i % owners.length]!;
    const by = i % owners.length === 0 ? voter : owner;
    const args = [owner.address, by.address, modelId, market.word()] as const;
    const logs = await market.send(owner.address, "court", "takeSeat", args);
    voters.set(eventOf(logs, courtAbi, "SeatTaken").seatId, by);
  }
  await market.lapse(ACTIVATION_SECONDS + 1);
  return voters;
}
