import { type CaseState, courtAbi, parametersAbi, unpackDocket } from "@millrace/protocol";
import type { Address, ContractEventArgs, ContractEventName, GetContractEventsReturnType, Hex } from "viem";
import type { Chain } from "../chain/chain.ts";
import { toAgentError } from "../chain/rpcErrors.ts";
import { searchLogs } from "../chain/searchLogs.ts";

/** A seat, as its taking told and the court has it now. Amounts are base units of the asset. */
export interface OwnSeat {
  seatId: number;
  modelId: Hex;
  voter: Address;
  /** X25519 public key to which evidence for it is wrapped. */
  encryptionKey: Hex;
  /** From then on it may leave, and is drawn for jobs that are opened. Unix seconds. */
  activeAt: number;
  stake: bigint;
  /** What of its stake cases may still take. */
  reserved: bigint;
  earnings: bigint;
}

/** The court as one network has it. Nothing is remembered: a reorg changes what is read next. */
export interface CourtReader {
  readonly address: Address;
  caseOf(lotId: Hex): Promise<CaseState>;
  /** The jurors of a round of the live case, and what they revealed: {@link ABSENT} for nothing. */
  jury(lotId: Hex, round: number): Promise<{ seatIds: readonly number[]; votes: readonly number[] }>;
  /** What the evidence of the lot's present case hashes to. */
  evidenceHash(lotId: Hex): Promise<Hex | undefined>;
  /** The keys that the present jury was handed, by place. */
  wrappedKeys(lotId: Hex): Promise<readonly Hex[] | undefined>;
  /** What the present jury has committed to, by place. */
  commitments(lotId: Hex): Promise<ReadonlyMap<number, Hex>>;
  /** The keys that seats were taken with, in their order. */
  seatKeys(seatIds: readonly number[]): Promise<(Hex | undefined)[]>;
  /** The seats of an owner that are not given up. */
  seatsOf(owner: Address): Promise<OwnSeat[]>;
  /** What a new seat stakes now, in base units. */
  seatStake(): Promise<bigint>;
}

/** What `juryOf` has in place of a vote that was not revealed; see contracts/libraries/Votes.sol. */
export const ABSENT = -32_767;

export function createCourtReader(chain: Chain): CourtReader {
  const { client, network } = chain;
  const court = { abi: courtAbi, address: network.court } as const;
  const read = async <T>(reading: () => Promise<T>): Promise<T> => {
    try {
      return await reading();
    } catch (cause) {
      throw toAgentError("reading the court", cause);
    }
  };

  function logsOf<Name extends ContractEventName<typeof courtAbi>>(
    eventName: Name,
    args: ContractEventArgs<typeof courtAbi, Name>,
    isEnough: (logs: readonly unknown[]) => boolean = () => false,
  ) {
    return searchLogs(
      chain.past,
      (range) =>
        client.getContractEvents({
          ...court,
          eventName,
          // The cast: viem cannot resolve the arguments of a name that it does not know yet.
          args: args as never,
          ...range,
          strict: true,
        }) as Promise<GetContractEventsReturnType<typeof courtAbi, Name, true>>,
      isEnough,
    );
  }
  const hasSome = (logs: readonly unknown[]) => logs.length > 0;

  return {
    address: network.court,
    caseOf: async (lotId) =>
      unpackDocket(
        await read(() => client.readContract({ ...court, functionName: "docketOf", args: [lotId] })),
      ),
    async jury(lotId, round) {
      const [seatIds, votes] = await read(() =>
        client.readContract({ ...court, functionName: "juryOf", args: [lotId, BigInt(round)] }),
      );
      return { seatIds, votes };
    },
    evidenceHash: async (lotId) =>
      (await logsOf("EvidenceOpened", { lotId }, hasSome)).at(-1)?.args.evidenceHash,
    wrappedKeys: async (lotId) => (await logsOf("KeysShared", { lotId }, hasSome)).at(-1)?.args.wrappedKeys,
    async commitments(lotId) {
      const shared = (await logsOf("KeysShared", { lotId }, hasSome)).at(-1);
      if (!shared) return new Map();
      const committed = (await logsOf("VoteCommitted", { lotId })).filter(
        ({ blockNumber, logIndex }) =>
          blockNumber > shared.blockNumber ||
          (blockNumber === shared.blockNumber && logIndex > shared.logIndex),
      );
      return new Map(committed.map(({ args: { place, commitment } }) => [Number(place), commitment]));
    },
    async seatKeys(seatIds) {
      const logs = await logsOf("SeatTaken", { seatId: [...seatIds] });
      const keys = new Map(logs.map(({ args }) => [args.seatId, args.encryptionKey]));
      return seatIds.map((seatId) => keys.get(seatId));
    },
    async seatsOf(owner) {
      const taken = await logsOf("SeatTaken", { owner });
      const seats = await Promise.all(
        taken.map(async ({ args: { seatId, encryptionKey } }): Promise<OwnSeat | undefined> => {
          const seat = await read(() =>
            client.readContract({ ...court, functionName: "seat", args: [seatId] }),
          );
          // Given up: its number does not come again.
          if (BigInt(seat.owner) === 0n) return undefined;
          const { modelId, voter, activeAt, stake, reserved, earnings } = seat;
          return { seatId, encryptionKey, modelId, voter, activeAt, stake, reserved, earnings };
        }),
      );
      return seats.filter((seat) => seat !== undefined);
    },
    seatStake: () =>
      read(async () => {
        const parameters = { abi: parametersAbi, address: network.parameters } as const;
        const [version] = await client.readContract({ ...parameters, functionName: "current" });
        const { seatStake } = await client.readContract({
          ...parameters,
          functionName: "courtOfVersion",
          args: [version],
        });
        return seatStake;
      }),
  };
}
