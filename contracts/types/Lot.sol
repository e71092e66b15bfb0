// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A contiguous run of a job's items given to one provider, with everything that was agreed, already resolved
/// to numbers. The Market stores only its state; callers bring the Lot along and its hash is its id.
struct Lot {
    bytes32 jobId;
    address buyer;
    address provider;
    uint32 firstItem;
    uint32 itemCount;
    /// @dev 0 for the first assignment of these items, one more for each re-assignment: every lotId is new.
    uint16 attempt;
    /// @dev Base units of the asset per 10⁶ tokens.
    uint64 promptPricePerMillion;
    uint64 outputPricePerMillion;
    /// @dev Locked by the buyer: these items at the job's limit. What is not due returns.
    uint96 escrow;
    /// @dev Locked by the provider.
    uint96 collateral;
    /// @dev What expiry costs the provider; never above the collateral.
    uint96 penalty;
    /// @dev What `release` costs each side.
    uint96 releaseCharge;
    /// @dev Last second in which the provider may release.
    uint40 graceEndsAt;
    /// @dev Last second in which the lot cannot be expired (turnaround and submit grace are in it).
    uint40 deadline;
    uint32 windowSeconds;
    uint16 feeBps;
}

/// @notice The lifecycle of a lot, read through `Market.lotState`.
///
///   openJob, claim                 submit                accept | settle
///   ───────────────▶ Assigned ───────────────▶ Submitted ───────────────▶ Settled
///                       │ release | expire
///                       ▼            claimReopened | close
///                     Open ────────────────────────────▶ Closed
enum LotStatus {
    None,
    Assigned,
    Submitted,
    Settled,
    Open,
    Closed
}

/// @notice What the Market keeps of a lot, beside its commitment. One slot.
struct LotState {
    LotStatus status;
    /// @dev Submitted: last second of the window. Open: when it reopened.
    uint40 timestamp;
    /// @dev Submitted: due to the provider before the fee. Open: escrow still locked for these items.
    uint96 amount;
    /// @dev Submitted: what errors cost the provider.
    uint96 forfeit;
}

/// @notice What a provider submits for a lot; hashed with the lot into its commitment.
struct Submission {
    /// @dev Root of the positional tree over the lot's receipts.
    bytes32 root;
    /// @dev Hash over the chunks of the encrypted results.
    bytes32 resultsHash;
    /// @dev keccak256 of the key that opens the results.
    bytes32 resultsKeyHash;
    uint64 promptTokens;
    uint64 outputTokens;
    /// @dev Items that failed for a reason other than invalid input.
    uint32 errors;
}

/// @title Writing lot states
library LotStates {
    /// @notice Makes a lot Submitted. Values fit their fields: the caller proves it.
    /// @dev One write, where the compiler would make one for each field. From the lowest bits up, a LotState is 8 bits of
    /// status, 40 of timestamp, 96 of amount, 96 of forfeit.
    function writeSubmitted(LotState storage state, uint256 timestamp, uint256 amount, uint256 forfeit) internal {
        uint256 word = uint256(LotStatus.Submitted) | (timestamp << 8) | (amount << 48) | (forfeit << 144);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(state.slot, word)
        }
    }
}
