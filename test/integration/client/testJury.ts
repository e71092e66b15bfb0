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
import { type Address, createPublicClient, type Hex, hexToBytes, http } from "viem";
import { deposit, passTime, send } from "./chain.ts";
import { scoreClaim, tolerance } from "./testModel.ts";

const JURORS = 5;
const FIRST_ACCOUNT = 8;
const STAKE = 10n ** 9n;
const POLL_MS = 50;

const accounts = Array.from({ length: JURORS }, (_, i) => developmentAccount(FIRST_ACCOUNT + i));

/**
 * Five jurors by hand, each with a seat for the model, who vote what the evidence shows them: they open it with their
 * seats' keys, check it against the chain and compute it again.
 */
export class TestJury implements AsyncDisposable {
  readonly #network: Network;
  readonly #model: ModelSpec;
  readonly #vote: ((shown: number) => number) | undefined;
  readonly #keys: EncryptionKeys[] = [];
  readonly #stopped = new AbortController();
  readonly #judged = new Set<Hex>();
  #loop: Promise<void> = Promise.resolve();

  private constructor(network: Network, model: ModelSpec, vote: ((shown: number) => number) | undefined) {
    this.#network = network;
    this.#model = model;
    this.#vote = vote;
  }

  /**
   * Takes the seats, and waits on the chain's clock until they are active.
   *
   * @param vote what they say instead of what they see
   */
  static async seat({
    network,
    model,
    activationSeconds,
    vote,
  }: {
    network: Network;
    model: ModelSpec;
    activationSeconds: number;
    vote?: (shown: number) => number;
  }): Promise<TestJury> {
    const jury = new TestJury(network, model, vote);
    for (const account of accounts) {
      const keys = await generateEncryptionKeys();
      jury.#keys.push(keys);
      await deposit(network, account, STAKE);
      const args = [account.address, account.address, modelIdOf(model), keys.publicKey];
      await jury.#send(account.address, "takeSeat", args);
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
      for (const { transactionHash, args } of logs) {
        if (this.#judged.has(transactionHash)) continue;
        this.#judged.add(transactionHash);
        await this.#sit(args.lotId, args.wrappedKeys);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
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
        // Seats were taken in the order of the accounts, from 1.
        const shown = await this.#judge(lotId, seatId - 1, wrappedKeys[place]!);
        return { seatId, vote: this.#vote?.(shown) ?? shown, salt: randomSecret() };
      }),
    );
    for (const [place, ballot] of ballots.entries()) {
      const commitment = voteCommitmentOf({ juryId: juryIdOf(lotId, state), ...ballot });
      const voter = accounts[ballot.seatId - 1]!.address;
      await this.#send(voter, "commitVote", [lotId, BigInt(place), commitment]);
    }
    for (const [place, { seatId, vote, salt }] of ballots.entries()) {
      const voter = accounts[seatId - 1]!.address;
      await this.#send(voter, "revealVote", [lotId, BigInt(place), vote, salt]);
    }
  }

  /** What one juror sees. */
  async #judge(lotId: Hex, juror: number, wrappedKey: Hex): Promise<number> {
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
      const secret = await open(this.#keys[juror]!.identity, hexToBytes(wrappedKey));
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

  #send(from: Address, functionName: string, args: readonly unknown[]): Promise<void> {
    const account = accounts.find(({ address }) => address === from)!;
    return send(this.#network, account, {
      abi: courtAbi,
      address: this.#network.court,
      functionName,
      args,
    });
  }
}
