// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Totals} from "./Receipt.sol";

/// @notice What the lots of one job, taken by one provider at one time and price, have in common.
struct LotTerms {
    bytes32 jobId;
    address buyer;
    address provider;
    /// @dev Base units of the asset per 10⁶ tokens.
    uint64 promptPricePerMillion;
    uint64 outputPricePerMillion;
    /// @dev Last second in which the provider may release.
    uint40 graceEndsAt;
    /// @dev Last second in which the lot cannot be expired (turnaround and submit grace are in it).
    uint40 deadline;
    uint32 windowSeconds;
    uint16 feeBps;
    /// @dev The share of the penalty that goes to who expires the lot or proves its fault.
    uint16 bountyBps;
}

/// @notice What a lot has for itself.
struct LotRange {
    uint32 firstItem;
    uint32 itemCount;
    /// @dev 0 for the first assignment of these items, one more for each re-assignment: every lotId is new.
    uint16 attempt;
    /// @dev Locked by the buyer: these items at the job's limit. What is not due returns.
    uint96 escrow;
    /// @dev Locked by the provider. No slash takes more.
    uint96 collateral;
    /// @dev What expiry costs the provider, and what a slash gives to the buyer; never above the collateral.
    uint96 penalty;
    /// @dev What `release` costs each side.
    uint96 releaseCharge;
}

/// @notice A contiguous run of a job's items given to one provider, with everything that was agreed, already resolved
/// to numbers. The Market stores only its state; callers bring the Lot along and its hash is its id.
/// @dev In line: the ten fields of LotTerms, then the seven of LotRange.
struct Lot {
    bytes32 jobId;
    address buyer;
    address provider;
    uint64 promptPricePerMillion;
    uint64 outputPricePerMillion;
    uint40 graceEndsAt;
    uint40 deadline;
    uint32 windowSeconds;
    uint16 feeBps;
    uint16 bountyBps;
    uint32 firstItem;
    uint32 itemCount;
    uint16 attempt;
    uint96 escrow;
    uint96 collateral;
    uint96 penalty;
    uint96 releaseCharge;
}

/// @notice What a provider submits for a lot; hashed with the lot's id into its commitment.
struct Submission {
    /// @dev Root of the positional tree over the lot's receipts.
    bytes32 root;
    /// @dev Hash over the chunks of the encrypted results.
    bytes32 resultsHash;
    /// @dev keccak256 of the key that opens the results.
    bytes32 resultsKeyHash;
    /// @dev Of the whole lot: the running totals of its last receipt.
    Totals totals;
}

/// @notice What `submit` takes for each lot.
struct Delivery {
    LotRange range;
    Submission submission;
}

/// @notice What pays one lot: its range and as much of its submission as that needs.
struct Settlement {
    LotRange range;
    /// @dev Hash of the submission's root, resultsHash and resultsKeyHash.
    bytes32 resultsDigest;
    Totals totals;
}

/// @notice The lifecycle of a lot.
///
///   openJob, claim              submit                accept | settle
///   ──────────────▶ Assigned ─────────────▶ Submitted ───────────────▶ None
///                      │                     │  ▲  │                     ▲
///                      │ release       hold  │  │  │ slash               │ settle, once the hold is over
///                      │ expire              ▼  │  │                     │
///                      │               Demanded │  │                     │
///                      │             Challenged ┴──┼─────────────────────┘
///                      ▼             slash │ resume│
///                    Open ◀────────────────┴───────┘
///                      │ claimReopened | close
///                      ▼
///                    None
///
/// A lot that is over gives its slot back, so None is also the end. No lotId comes twice: first items of fresh lots
/// only grow, and each re-assignment counts `attempt` up.
enum LotStatus {
    /// Never assigned, or over.
    None,
    Assigned,
    Submitted,
    /// Held while the provider owes the buyer a receipt.
    Demanded,
    /// Held by a case of the court.
    Challenged,
    /// Its items wait for another provider.
    Open
}

/// @notice A lot's state, unpacked.
struct LotView {
    LotStatus status;
    /// @dev Submitted: last second of the window. Demanded, Challenged: last second of the hold; anyone may settle after
    /// either. Open: when it reopened.
    uint40 timestamp;
    /// @dev Submitted, Demanded, Challenged: the first 208 bits of the commitment.
    bytes26 commitment;
    /// @dev Open: escrow still locked for these items.
    uint96 escrow;
}

/// @notice What the Market keeps of a lot. One word: from the lowest bits up, 8 bits of status, 40 of timestamp, 208 of
/// commitment or escrow.
/// @dev 208 bits of a hash leave 104 bits of work to one who wants two submissions with one commitment.
type LotState is uint256;

using LotStates for LotState global;

/// @title Packing lot states
library LotStates {
    uint256 private constant TIMESTAMP_OFFSET = 8;
    uint256 private constant CONTENT_OFFSET = 48;

    /// @notice Over: the slot is given back.
    function none() internal pure returns (LotState) {
        return LotState.wrap(0);
    }

    /// @notice Assigned lots have nothing to remember.
    function assigned() internal pure returns (LotState) {
        return LotState.wrap(uint256(LotStatus.Assigned));
    }

    /// @notice Open since `timestamp_`, with `escrow_` still locked.
    function open(uint40 timestamp_, uint96 escrow_) internal pure returns (LotState) {
        return _pack(LotStatus.Open, timestamp_, escrow_);
    }

    /// @notice Committed, and to be settled after `timestamp_` if nothing happens. `status_` is Submitted, Demanded or
    /// Challenged.
    function committed(LotStatus status_, uint40 timestamp_, bytes26 commitment_) internal pure returns (LotState) {
        return _pack(status_, timestamp_, uint208(commitment_));
    }

    function status(LotState self) internal pure returns (LotStatus) {
        // The lowest byte was written as a status.
        return LotStatus(uint8(LotState.unwrap(self)));
    }

    function timestamp(LotState self) internal pure returns (uint40) {
        return uint40(LotState.unwrap(self) >> TIMESTAMP_OFFSET);
    }

    function commitment(LotState self) internal pure returns (bytes26) {
        return bytes26(uint208(LotState.unwrap(self) >> CONTENT_OFFSET));
    }

    function escrow(LotState self) internal pure returns (uint96) {
        return uint96(LotState.unwrap(self) >> CONTENT_OFFSET);
    }

    /// @notice Whether results were committed to and nothing was decided yet.
    function isCommitted(LotState self) internal pure returns (bool) {
        LotStatus current = self.status();
        return current == LotStatus.Submitted || current == LotStatus.Demanded || current == LotStatus.Challenged;
    }

    function unpack(LotState self) internal pure returns (LotView memory view_) {
        view_.status = self.status();
        view_.timestamp = self.timestamp();
        if (self.isCommitted()) view_.commitment = self.commitment();
        if (view_.status == LotStatus.Open) view_.escrow = self.escrow();
    }

    function _pack(LotStatus status_, uint40 timestamp_, uint208 content) private pure returns (LotState) {
        return
            LotState.wrap(
                uint256(status_) | (uint256(timestamp_) << TIMESTAMP_OFFSET) | (uint256(content) << CONTENT_OFFSET)
            );
    }
}
