import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { voteCommitmentOf } from "@millrace/protocol";
import { concat, type Hex, isHex, keccak256, numberToHex } from "viem";
import { fromJson, readTextIfAny, syncFolder, toJson, writeFileAtomically } from "../lots/files.ts";

/** A seat's part in one jury. */
export interface Duty {
  lotId: Hex;
  juryId: Hex;
  seatId: number;
  /** In the jury, from 0. */
  place: number;
}

/** A vote that was made up, whether or not the chain has it yet. */
export interface KeptVote {
  vote: number;
  /** Names the evidence and the key to it: after a reorg there may be others. */
  about: Hex;
}

/** The votes of live cases. Each is on disk before it is committed to: who forgets theirs cannot reveal it. */
export interface VoteBook {
  /** The lots whose cases were opened here and not forgotten. */
  lotIds(): Promise<Hex[]>;
  /** Takes note of a case, for the next start. On disk when this resolves. */
  open(lotId: Hex): Promise<void>;
  read(duty: Duty): Promise<KeptVote | undefined>;
  /** On disk when this resolves. */
  write(duty: Duty, vote: KeptVote): Promise<void>;
  saltOf(duty: Duty): Hex;
  commitmentOf(duty: Duty, vote: number): Hex;
  /** Forgets the votes of a lot whose case is over. */
  forget(lotId: Hex): Promise<void>;
}

const isLotId = (name: string): name is Hex => isHex(name);

/**
 * @param folder one folder a lot
 * @param secret from which salts are derived, so that they need not be kept
 */
export function openVoteBook(folder: string, secret: Hex): VoteBook {
  const pathOf = ({ lotId, juryId, seatId }: Duty) => join(folder, lotId, `${juryId}-${seatId}.json`);
  const book: VoteBook = {
    lotIds: async () => (await readdir(folder).catch((): string[] => [])).filter(isLotId),
    async open(lotId) {
      await mkdir(join(folder, lotId), { recursive: true, mode: 0o700 });
      await syncFolder(folder);
    },
    async read(duty) {
      const json = await readTextIfAny(pathOf(duty));
      return json === undefined ? undefined : fromJson<KeptVote>(json);
    },
    write: (duty, vote) => writeFileAtomically(pathOf(duty), toJson(vote)),
    saltOf: ({ juryId, seatId }) => keccak256(concat([secret, juryId, numberToHex(seatId, { size: 4 })])),
    commitmentOf: (duty, vote) => {
      const { juryId, seatId } = duty;
      return voteCommitmentOf({ juryId, seatId, vote, salt: book.saltOf(duty) });
    },
    forget: (lotId) => rm(join(folder, lotId), { recursive: true, force: true }),
  };
  return book;
}
