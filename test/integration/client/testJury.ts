import {
  commitmentOf,
  courtAbi,
  decodeEvidence,
  developmentAccount,
  type EncryptionKeys,
  generateEncryptionKeys,
  getBlob,
  hashJob,
  identityFromBytes,
  judge,
  juryIdOf,
  type ModelSpec,
  marketAbi,
  modelIdOf,
  type Network,
  NO_EVIDENCE,
  open,
  randomSecret,
  storedCommitment,
  unpackDocket,
  unpackLotState,
  voteCommitmentOf,
  voteOf,
} from "@millrace/protocol";
import { createPublicClient, type Hex, hexToBytes, http } from "viem";
import { deposit, passTime, send } from "./chain.ts";
import { tolerance } from "./testModel.ts";
import { scoreClaim } from "./testProvider.ts";

const VOTERS = 5;
const FIRST_ACCOUNT = 8;
const STAKE = 10n ** 9n;
const POLL_MS = 50;
const GAS = 1_000_000n;

const accounts = Array.from({ length: VOTERS }, (_, i) => developmentAccount(FIRST_ACCOUNT + i));

/** What a juror says who is shown this ratio, as `voteOf` counts it, in a round from 0. */
export type Opinion = (shown: number, round: number) => number;

export interface SeatJuryOptions {
  network: Network;
  model: ModelSpec;
  activationSeconds: number;
  /** Default: 5, of which a first jury can be drawn, and no other. */
  seats?: number;
  /** What they say. Default: what they see. */
  vote?: Opinion;
  /** The round whose verdict nobody appeals. Default: 0. */
  lastRound?: number;
}

/** Who has a seat, by its id: seats are taken in the order of the accounts, from 1. */
const ownerOf = (seatId: number) => accounts[(seatId - 1) % VOTERS]!;

/**
 * Jurors by hand, five accounts with one or more seats for the model each, who vote what the evidence shows them: they
 * open it with their seats' keys, check it against the chain and compute it again.
 */
export class TestJury implements AsyncDisposable {
  readonly #network: Network;
  readonly #model: ModelSpec;
  readonly #vote: Opinion | undefined;
  readonly #lastRound: number;
  readonly #keys: EncryptionKeys[] = [];
  readonly #stopped = new AbortController();
  readonly #judged = new Set<Hex>();
  #loop: Promise<void> = Promise.resolve();

  private constructor({ network, model, vote, lastRound = 0 }: SeatJuryOptions) {
    this.#network = network;
    this.#model = model;
    this.#vote = vote;
    this.#lastRound = lastRound;
  }

  /** Takes the seats, and waits on the chain's clock until they are active. */
  static async seat(options: SeatJuryOptions): Promise<TestJury> {
    const { network, model, activationSeconds, seats = VOTERS } = options;
    const jury = new TestJury(options);
    for (const account of accounts) await deposit(network, account, STAKE);
    for (let seatId = 1; seatId <= seats; seatId++) {
      const keys = await generateEncryptionKeys();
      jury.#keys.push(keys);
      const { address } = ownerOf(seatId);
      await jury.#send(seatId, "takeSeat", [address, address, modelIdOf(model), keys.publicKey]);
    }
    await passTime(network, activationSeconds + 1);
    jury.#loop = jury.#run();
    return jury;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const client = createPublicClient({ transport: http(this.#network.rpcUrl) });
      const logs = await client.getContractEvents({
        address: this.#network.court,
        abi: courtAbi,
        eventName: "KeysShared",
        fromBlock: 0n,
        strict: true,
      });
      await this.#skipIdlePhases();
      for (const { transactionHash, args } of logs) {
        if (this.#judged.has(transactionHash)) continue;
        this.#judged.add(transactionHash);
        await this.#sit(args.lotId, args.wrappedKeys);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Lets the time pass in which the provider might answer, or somebody appeal. */
  async #skipIdlePhases(): Promise<void> {
    const client = createPublicClient({ transport: http(this.#network.rpcUrl) });
    const court = { address: this.#network.court, abi: courtAbi } as const;
    const opened = await client.getContractEvents({
      ...court,
      eventName: "CaseOpened",
      fromBlock: 0n,
      strict: true,
    });
    for (const { args } of opened) {
      const docket = await client.readContract({ ...court, functionName: "docketOf", args: [args.lotId] });
      const { status, round, deadline } = unpackDocket(docket);
      const { timestamp } = await client.getBlock();
      const left = deadline - Number(timestamp);
      const isIdle = status === "answer" || (status === "decided" && round >= this.#lastRound);
      if (isIdle && left >= 0) await passTime(this.#network, left + 1);
    }
  }

  /** Lets all of a jury commit, then reveal. */
  async #sit(lotId: Hex, wrappedKeys: readonly Hex[]): Promise<void> {
    const client = createPublicClient({ transport: http(this.#network.rpcUrl) });
    const court = { address: this.#network.court, abi: courtAbi } as const;
    const docket = await client.readContract({ ...court, functionName: "docketOf", args: [lotId] });
    const state = unpackDocket(docket);
    const [seatIds] = await client.readContract({
      ...court,
      functionName: "juryOf",
      args: [lotId, BigInt(state.round)],
    });
    const ballots = await Promise.all(
      seatIds.map(async (seatId, place) => {
        const shown = await this.#judge(lotId, seatId, wrappedKeys[place]!);
        return { seatId, vote: this.#vote?.(shown, state.round) ?? shown, salt: randomSecret() };
      }),
    );
    for (const [place, ballot] of ballots.entries()) {
      const commitment = voteCommitmentOf({ juryId: juryIdOf(lotId, state), ...ballot });
      await this.#send(ballot.seatId, "commitVote", [lotId, BigInt(place), commitment]);
    }
    for (const [place, { seatId, vote, salt }] of ballots.entries()) {
      await this.#send(seatId, "revealVote", [lotId, BigInt(place), vote, salt]);
    }
  }

  /** What one juror sees. */
  async #judge(lotId: Hex, seatId: number, wrappedKey: Hex): Promise<number> {
    const { chainId, market, court, relays, rpcUrl } = this.#network;
    const client = createPublicClient({ transport: http(rpcUrl) });
    const events = { address: court, abi: courtAbi, args: { lotId }, fromBlock: 0n, strict: true } as const;
    const opened = await client.getContractEvents({ ...events, eventName: "CaseOpened" });
    const evidence = await client.getContractEvents({ ...events, eventName: "EvidenceOpened" });
    const { jobId, challenger, kind, index } = opened.at(-1)!.args;
    try {
      const bytes = await getBlob(relays[0]!, {
        key: { chainId, market, jobId, lotId, kind: "evidence", author: challenger },
        contentHash: evidence.at(-1)!.args.evidenceHash,
      });
      const secret = await open(this.#keys[seatId - 1]!.identity, hexToBytes(wrappedKey));
      const plain = await open(identityFromBytes(secret), bytes!);
      const { job, submission, items } = decodeEvidence(plain, {
        ref: { chainId, market },
        lotId,
        kind: kind === 0 ? "audit" : "item",
        index: Number(index),
        classHash: this.#model.classHash,
      });
      const ledger = { address: market, abi: marketAbi } as const;
      const lot = await client.readContract({ ...ledger, functionName: "lotState", args: [lotId] });
      const held = await client.readContract({ ...ledger, functionName: "jobState", args: [jobId] });
      const isHeld = unpackLotState(lot).commitment === storedCommitment(commitmentOf(lotId, submission));
      if (!isHeld || held.termsHash !== hashJob(job)) return NO_EVIDENCE;
      const scores = items.map(({ input, result }) => async () => {
        const request = JSON.parse(input.request) as unknown;
        return scoreClaim({ request, claimed: result });
      });
      return voteOf(await judge(scores, tolerance));
    } catch {
      return NO_EVIDENCE;
    }
  }

  #send(seatId: number, functionName: string, args: readonly unknown[]): Promise<void> {
    return send(this.#network, ownerOf(seatId), {
      abi: courtAbi,
      address: this.#network.court,
      functionName,
      args,
      // Lists of seats grow by a slot when another second begins, which an estimate cannot know.
      gas: GAS,
    });
  }
}
