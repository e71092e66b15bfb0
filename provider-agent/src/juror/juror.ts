import type { Engine } from "@millrace/engine";
import { type ModelClass, modelIdOf, type Network, refuseDevelopmentKey } from "@millrace/protocol";
import { type Logger, pino } from "pino";
import type { Address, Hex, LocalAccount } from "viem";
import type { Clock } from "../chain/chain.ts";
import { modelSpecOf } from "../modelSpec.ts";
import { type Sitting, startSitting } from "./sitting.ts";

export interface JurorOptions {
  network: Network;
  /** Votes, and pays for gas. */
  account: LocalAccount;
  /** Whose stake the seat is. Default: the account itself. */
  owner?: Address | undefined;
  /** Computes items again; stays the caller's. */
  engine: Engine;
  /** Of the engine's model, with its tolerance: see `readModelClass`. */
  modelClass: ModelClass;
  /** Keeps keys, the cursor and votes. One juror to a folder. */
  folder: string;
  /** Whether to take a seat if there is none. Default: true. */
  takesSeat?: boolean | undefined;
  /** Earnings of a seat are collected from so many base units on. Default: a tenth of its stake. */
  collectFrom?: bigint | undefined;
  /** Wei per gas at most. Default: no limit. */
  maxFeePerGas?: bigint | undefined;
  /** Default: 200 ms on a local chain, else 2 s. */
  pollingIntervalMs?: number | undefined;
  /** Default: silent. */
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  /** Closes the juror. */
  signal?: AbortSignal | undefined;
}

/** A vote, as `voteOf` counts ratios. */
export interface RevealedVote {
  lotId: Hex;
  seatId: number;
  vote: number;
}

export interface JurorStatus {
  /** The numbers of its seats. */
  seatIds: readonly number[];
  /** Lots of live cases that it is in. */
  cases: readonly Hex[];
  /** Votes that it has revealed since it was started. */
  votes: readonly RevealedVote[];
  /** Base units: fees less penalties. */
  earned: bigint;
}

/** A juror: judges the cases that its seat is drawn for, by computing items again. */
export interface Juror extends AsyncDisposable {
  /**
   * Takes a seat unless it has one, takes up what a former run left, and judges until closed.
   *
   * @throws AgentError `no-tolerance`, `calibration-fails-here`, `no-seat`; MillraceError of the chain
   */
  start(): Promise<void>;
  readonly modelId: Hex;
  status(): JurorStatus;
  /** Puts down what is under way so that a later start goes on with it. */
  close(): Promise<void>;
}

/**
 * Makes a juror; nothing happens before {@link Juror.start}.
 *
 * @throws MillraceError `development-key` if the account or the owner is a well-known one and the chain is not local
 * @example
 * await using juror = createJuror({ network, account, engine, modelClass, folder });
 * await juror.start();
 */
export function createJuror(options: JurorOptions): Juror {
  const { network, account, engine, modelClass, owner = account.address } = options;
  const logger = options.logger ?? pino({ level: "silent" });
  for (const address of [account.address, owner]) refuseDevelopmentKey(network.chainId, address);
  const spec = modelSpecOf(engine, modelClass);
  const stopping = new AbortController();
  const votes: RevealedVote[] = [];
  let sitting: Sitting | undefined;
  let started: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  async function start(): Promise<void> {
    sitting = await startSitting({
      options,
      owner,
      spec,
      onVote: (vote) => {
        votes.push(vote);
      },
      logger,
      signal: stopping.signal,
    });
  }

  function close(): Promise<void> {
    closed ??= (async () => {
      stopping.abort();
      // What start opened it must have finished opening.
      await started?.catch(() => {});
      await sitting?.[Symbol.asyncDispose]();
    })();
    return closed;
  }

  const stop = () => {
    close().catch((error: unknown) => logger.error({ error: String(error) }, "cannot close"));
  };
  if (options.signal?.aborted) stop();
  else options.signal?.addEventListener("abort", stop, { once: true });
  return {
    modelId: modelIdOf(spec),
    start: () => {
      started ??= start();
      return started;
    },
    status: () => ({
      seatIds: sitting?.seatIds() ?? [],
      cases: sitting?.lotIds() ?? [],
      votes,
      earned: sitting?.earned() ?? 0n,
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
