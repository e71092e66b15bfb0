// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A provider's firm price for a model: an ask. Named by its hash, so a changed offer is another offer, and a
/// buyer can never be filled at a price that they did not name.
struct Offer {
    address provider;
    bytes32 modelId;
    /// @dev The provider's X25519 public key, to which lot inputs are encrypted.
    bytes32 encryptionKey;
    /// @dev Base units of the asset per 10⁶ tokens.
    uint64 promptPricePerMillion;
    uint64 outputPricePerMillion;
    /// @dev Items this offer serves in all; it is used up by fills.
    uint32 capacityItems;
    uint32 minLotItems;
    uint32 maxLotItems;
    /// @dev Least value of a lot at its caps and this price, in base units: one that pays less than its gas is no work.
    uint96 minLotValue;
    /// @dev The largest per-item caps that the provider takes on.
    uint32 maxPromptTokens;
    uint32 maxOutputTokens;
    uint32 minTurnaroundSeconds;
    /// @dev Last second in which the offer can be taken.
    uint40 validUntil;
    /// @dev Must equal the provider's `offerEpoch`.
    uint32 epoch;
    /// @dev Tells apart offers that are otherwise equal.
    uint64 salt;
}

/// @notice What the Market keeps of an offer. One slot. An offer that was only signed has one once it was filled or
/// cancelled.
struct OfferState {
    /// @dev The provider or their operator who posted it; zero if nobody did.
    address postedBy;
    uint32 filledItems;
    bool cancelled;
}

/// @notice The first reason why a fill, or the rest of it, fell into the bid.
enum FillSkip {
    None,
    /// Neither posted nor signed by the provider or an operator of theirs.
    NotAuthorised,
    Cancelled,
    Expired,
    OtherModel,
    PriceAboveLimit,
    TokensAboveOffer,
    TurnaroundTooShort,
    LotSizeOutOfRange,
    LotValueTooLow,
    NoCapacity,
    /// Too little is free, or it is more than the operator who offered may lock.
    NoCollateral,
    NoItemsLeft
}
