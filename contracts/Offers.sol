// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IOffers} from "./interfaces/IOffers.sol";
import {Ledger} from "./Ledger.sol";
import {Operators} from "./Operators.sol";
import {Hashes} from "./libraries/Hashes.sol";
import {Fill, JobRequest} from "./types/Job.sol";
import {FillSkip, Offer, OfferState} from "./types/Offer.sol";

/// @title Asks, implemented; what they promise is in IOffers
abstract contract Offers is Ledger, Operators, IOffers, EIP712 {
    /// @dev What a contract wallet may use to look at a signature: enough for a few signers, too little to spoil the
    /// buyer's transaction.
    uint256 private constant SIGNATURE_GAS = 100_000;

    mapping(bytes32 offerId => OfferState) internal _offers;

    /// @inheritdoc IOffers
    function postOffer(Offer calldata offer) external returns (bytes32 offerId) {
        _requireProvider(offer.provider);
        _requireNotPaused();
        require(
            offer.capacityItems != 0 &&
                offer.minLotItems <= offer.maxLotItems &&
                offer.maxLotItems != 0 &&
                offer.epoch == _accounts[offer.provider].offerEpoch &&
                offer.validUntil >= block.timestamp,
            Offers_InvalidOffer()
        );
        offerId = offerIdOf(offer);
        OfferState storage state = _offers[offerId];
        require(state.postedBy == address(0) && !state.cancelled, Offers_OfferExists(offerId));
        state.postedBy = msg.sender;
        emit OfferPosted(offerId, offer.provider, offer.modelId, offer);
    }

    /// @inheritdoc IOffers
    function cancelOffer(Offer calldata offer) external {
        _requireProvider(offer.provider);
        bytes32 offerId = offerIdOf(offer);
        _offers[offerId].cancelled = true;
        emit OfferCancelled(offerId, offer.provider);
    }

    /// @inheritdoc IOffers
    function cancelAllOffers(address provider) external {
        _requireProvider(provider);
        uint24 epoch = ++_accounts[provider].offerEpoch;
        emit OffersCancelled(provider, epoch);
    }

    /// @inheritdoc IOffers
    function offerState(bytes32 offerId) external view returns (OfferState memory) {
        return _offers[offerId];
    }

    /// @inheritdoc IOffers
    function offerIdOf(Offer calldata offer) public view returns (bytes32) {
        return _hashTypedDataV4(Hashes.hashOffer(offer));
    }

    /// @dev Reverts while nothing may be opened.
    function _requireNotPaused() internal view virtual;

    /// @dev The first reason why an offer cannot be taken for any lot of a job, and how much may be locked by it.
    function _checkFill(
        bytes32 offerId,
        OfferState memory state,
        Fill calldata fill,
        JobRequest memory request
    ) internal view returns (FillSkip skip, uint256 cap) {
        Offer calldata offer = fill.offer;
        if (state.cancelled || offer.epoch != _accounts[offer.provider].offerEpoch) return (FillSkip.Cancelled, 0);
        if (block.timestamp > offer.validUntil) return (FillSkip.Expired, 0);
        if (offer.modelId != request.modelId) return (FillSkip.OtherModel, 0);
        if (
            offer.promptPricePerMillion > request.promptLimitPerMillion ||
            offer.outputPricePerMillion > request.outputLimitPerMillion
        ) return (FillSkip.PriceAboveLimit, 0);
        if (request.promptTokensCap > offer.maxPromptTokens || request.outputTokensCap > offer.maxOutputTokens) {
            return (FillSkip.TokensAboveOffer, 0);
        }
        if (request.turnaroundSeconds < offer.minTurnaroundSeconds) return (FillSkip.TurnaroundTooShort, 0);
        cap =
            state.postedBy == address(0)
                ? _signedCap(offer.provider, offerId, fill.signature)
                : _collateralCap(offer.provider, state.postedBy);
        skip = cap == 0 ? FillSkip.NotAuthorised : FillSkip.None;
    }

    /// @dev How much may be locked by an offer with this signature; zero if it is nobody's who may offer.
    function _signedCap(address provider, bytes32 offerId, bytes calldata signature) private view returns (uint256) {
        if (signature.length == 0) return 0;
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(offerId, signature);
        if (failure == ECDSA.RecoverError.NoError) {
            uint256 cap = _collateralCap(provider, signer);
            if (cap != 0) return cap;
        }
        // What a contract wallet takes for a signature may look like one of a key that is nobody's.
        return _isSignedByContract(provider, offerId, signature) ? type(uint256).max : 0;
    }

    /// @dev As OpenZeppelin's SignatureChecker, which sets no bound to the gas. A static call: nothing can re-enter. Only
    /// one word of the answer is looked at: a longer one would have to be paid for here.
    function _isSignedByContract(
        address wallet,
        bytes32 offerId,
        bytes calldata signature
    ) private view returns (bool isSigned) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (offerId, signature));
        bytes32 magic = bytes32(IERC1271.isValidSignature.selector);
        uint256 gasLimit = SIGNATURE_GAS;
        // The answer goes to scratch space, which a shorter one would leave as it was.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            isSigned := staticcall(gasLimit, wallet, add(question, 0x20), mload(question), 0x00, 0x20)
            isSigned := and(isSigned, gt(returndatasize(), 0x1f))
            isSigned := and(isSigned, eq(mload(0x00), magic))
        }
    }
}
