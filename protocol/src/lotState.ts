import { type Hex, toHex } from "viem";
import { type LotState, lotStatuses } from "./types.ts";

const TIMESTAMP_OFFSET = 8n;
const CONTENT_OFFSET = 48n;
const COMMITMENT_BYTES = 26;
const ZERO_COMMITMENT: Hex = toHex(0, { size: COMMITMENT_BYTES });

/** Reads the word that the Market's `lotState` returns; contracts/types/Lot.sol lays it out. */
export function unpackLotState(word: bigint): LotState {
  // The contract writes only statuses that there are.
  const status = lotStatuses[Number(word & 0xffn)]!;
  const content = word >> CONTENT_OFFSET;
  const isCommitted = status === "submitted" || status === "demanded" || status === "challenged";
  return {
    status,
    timestamp: Number((word >> TIMESTAMP_OFFSET) & 0xff_ffff_ffffn),
    commitment: isCommitted ? toHex(content, { size: COMMITMENT_BYTES }) : ZERO_COMMITMENT,
    escrow: status === "open" ? content : 0n,
  };
}
