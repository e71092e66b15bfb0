// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FillSkip, Offer, OfferState} from "../types/Offer.sol";

/// @title Asks, on-chain and signed
/// @notice An offer is posted, or signed off-chain (EIP-712, or ERC-1271 by a contract) and brought along by the buyer
/// who takes it. Its id is its EIP-712 digest: a changed offer is another offer, so one is replaced by cancelling it and
/// posting the other in one `multicall`.
interface IOffers {
    event OfferPosted(bytes32 indexed offerId, address indexed provider, bytes32 indexed modelId, Offer offer);
    event OfferCancelled(bytes32 indexed offerId, address indexed provider);
    /// @notice Every offer of an earlier epoch is void.
    event OffersCancelled(address indexed provider, uint32 epoch);
    /// @notice A fill could not be taken whole; the items it did not take went to the next fill or into the bid.
    event FillSkipped(bytes32 indexed jobId, bytes32 indexed offerId, uint256 itemCount, FillSkip reason);

    error Offers_InvalidOffer();
    error Offers_OfferExists(bytes32 offerId);

    /// @notice Posts an ask. Only its provider. Not while paused. One that an operator posts is filled only while they
    /// are an operator, and as far as their collateral cap goes.
    function postOffer(Offer calldata offer) external returns (bytes32 offerId);

    /// @notice Voids one offer, posted or only signed. Only its provider. Harmless to repeat.
    function cancelOffer(Offer calldata offer) external;

    /// @notice Voids every offer of `provider` that exists so far, also those only signed. Only `provider`.
    function cancelAllOffers(address provider) external;

    function offerState(bytes32 offerId) external view returns (OfferState memory);

    /// @notice The EIP-712 digest of an offer.
    function offerIdOf(Offer calldata offer) external view returns (bytes32);
}
