import { join } from "node:path";
import { jurySizes, type ModelSpec, modelIdOf } from "@millrace/protocol";
import type { Logger } from "pino";
import type { Address, Hex } from "viem";
import { type Chain, connectChain } from "../chain/chain.ts";
import { createTransactions, type Transactions } from "../chain/transactions.ts";
import { type CourtReader, createCourtReader } from "../court/courtReader.ts";
import { AgentError } from "../errors.ts";
import { loadSecrets } from "../keys/secrets.ts";
import { publishModel } from "../offers/publishModel.ts";
import { requireCalibrated } from "../requireCalibrated.ts";
import { openCursor } from "../watch/cursor.ts";
import { createWatcher } from "../watch/watcher.ts";
import { createCourtEvents } from "./courtEvents.ts";
import { type CourtLog, courtEventAbis } from "./courtLogs.ts";
import { hear } from "./hearing.ts";
import type { JurorOptions, RevealedVote } from "./juror.ts";
import { openOwnSeats } from "./ownSeats.ts";
import { collectEarnings, takeSeat } from "./seats.ts";
import { createVisits } from "./visits.ts";
import { openVoteBook } from "./voteBook.ts";

/** A juror at work. */
export interface Sitting extends AsyncDisposable {
  seatIds(): readonly number[];
  /** Of live cases. */
  lotIds(): readonly Hex[];
  earned(): bigint;
}

/** Connects, takes a seat if there is none, and sets everything going. */
export async function startSitting({
  options,
  owner,
  spec,
  onVote,
  logger,
  signal,
}: {
  options: JurorOptions;
  owner: Address;
  spec: ModelSpec;
  onVote(vote: RevealedVote): void;
  logger: Logger;
  signal: AbortSignal;
}): Promise<Sitting> {
  const { network, account, engine, modelClass, folder } = options;
  const tolerance = await requireCalibrated(engine, modelClass);
  const modelId = modelIdOf(spec);
  const chain = await connectChain(network, { clock: options.clock ?? Date.now, signal });
  const court = createCourtReader(chain);
  const home = join(folder, `${chain.deploymentId}-${account.address.slice(2).toLowerCase()}`);
  const [secrets, cursor] = await Promise.all([loadSecrets(folder), openCursor(join(home, "cursor.json"))]);
  const { publicKey: encryptionKey, identity } = secrets.keys;
  const transactions = createTransactions({
    chain,
    account,
    path: join(home, "transaction.json"),
    logger,
    signal,
    maxFeePerGas: options.maxFeePerGas,
  });

  const place = { owner, voter: account.address, modelId, encryptionKey };
  const seats = await openOwnSeats(court, { ...place, logger });
  if (seats.ids().length === 0) {
    if (options.takesSeat === false) throw noSeat();
    await publishModel(chain, transactions, { spec, modelClass });
    await takeSeat(court, transactions, place);
    // Nobody was drawn for a seat before it was there.
    if (!cursor.last) cursor.advance(await headOf(chain));
    await seats.refresh();
  }

  const book = openVoteBook(join(home, "votes"), secrets.saltSecret);
  const visits = createVisits({
    visit: (lotId) => visit(lotId),
    retrySeconds: chain.isLocal ? 1 : 15,
    logger,
    signal,
  });
  const running = new Set<Promise<void>>();
  const events = createCourtEvents({
    chain,
    cursor,
    seats,
    book,
    visits,
    owner,
    onSettled(seatId) {
      const collecting = collect({ court, transactions, owner, collectFrom: options.collectFrom }, seatId)
        .catch((error: unknown) => {
          if (!signal.aborted) logger.warn({ seatId, error: String(error) }, "cannot collect earnings");
        })
        .finally(() => running.delete(collecting));
      running.add(collecting);
    },
    logger,
  });
  const hearing = {
    chain,
    court,
    transactions,
    scales: { chain, engine, spec, tolerance },
    book,
    identity,
    isOurs: seats.has,
    rank: () => (seats.ids()[0] ?? 0) % jurySizes[0],
    onVote,
    logger,
    signal,
  };
  const visit = async (lotId: Hex): Promise<number | undefined> => {
    const next = await hear(hearing, lotId);
    if (next !== undefined) return next;
    if (events.isFresh(lotId)) return 1;
    logger.info({ lotId }, "a case is over");
    await book.forget(lotId);
    return undefined;
  };

  for (const lotId of await book.lotIds()) visits.wake(lotId);
  const watcher = createWatcher<CourtLog>({
    chain,
    cursor,
    addresses: [court.address],
    events: courtEventAbis,
    pollingIntervalMs: options.pollingIntervalMs ?? (chain.isLocal ? 200 : 2_000),
    logger,
    signal,
    onLogs: events.onLogs,
    async onReorg() {
      chain.forget();
      await seats.refresh();
      visits.wakeAll();
    },
    onClockJump: async () => visits.wakeAll(),
    onRpcError: () => {},
  });
  const watching = watcher.run();
  logger.info({ address: account.address, owner, modelId, seats: seats.ids() }, "ready to judge");
  return {
    seatIds: seats.ids,
    lotIds: () => visits.lotIds,
    earned: () => cursor.earned,
    async [Symbol.asyncDispose]() {
      await watching;
      await visits.close();
      await Promise.all(running);
    },
  };
}

async function collect(
  {
    court,
    transactions,
    owner,
    collectFrom,
  }: { court: CourtReader; transactions: Transactions; owner: Address; collectFrom: bigint | undefined },
  seatId: number,
): Promise<void> {
  const seat = (await court.seatsOf(owner)).find((own) => own.seatId === seatId);
  if (!seat || seat.earnings === 0n || seat.earnings < (collectFrom ?? seat.stake / 10n)) return;
  await collectEarnings(court, transactions, seatId);
}

function noSeat(): AgentError {
  return new AgentError("There is no seat to vote for.", {
    code: "no-seat",
    hints: ["Take one with `millrace-provider juror take`."],
  });
}

async function headOf({ client }: Chain) {
  const { number, hash } = await client.getBlock();
  return { number, hash };
}
