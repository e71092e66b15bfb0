// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Market} from "../../../contracts/Market.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {FillSkip, Offer, OfferState} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {HostileWallet, Wallet, WalletMode} from "../mocks/Wallets.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Offers that nobody posted: the buyer brings a signature along.
contract SignedOffersTest is MarketFixture {
    /// @dev Of secp256k1. A signature (r, s) and (r, order − s) are good for the same message.
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    uint256 private _key;
    uint256 private _nonce;

    function setUp() public override {
        fixture();
        (, _key) = makeAccount("provider");
    }

    // ---------------------------------------------------------------- taken

    function test_signedOffer_isTaken() external {
        Offer memory offer = Defaults.offer(provider);
        (, Lot[] memory lots) = open(Defaults.request(), _fills(offer, _sign(_key, offer)));
        assertEq(lots.length, 1);
        assertEq(lots[0].provider, provider);
        assertEq(lots[0].promptPricePerMillion, offer.promptPricePerMillion);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
        _assertState(offer, OfferState({postedBy: address(0), filledItems: 10, cancelled: false}));
    }

    function test_signedOffer_fillsManyJobsInPart() external {
        Offer memory offer = Defaults.offer(provider);
        offer.capacityItems = 25;
        bytes memory signature = _sign(_key, offer);
        assertEq(_take(offer, signature), 10);
        assertEq(_take(offer, signature), 10);
        _expectSkip(offer, 5, FillSkip.NoCapacity);
        assertEq(_take(offer, signature), 5);
        _expectSkip(offer, 10, FillSkip.NoCapacity);
        assertEq(_take(offer, signature), 0);
        _assertState(offer, OfferState({postedBy: address(0), filledItems: 25, cancelled: false}));
    }

    function test_signedOffer_isTakenInItsLastSecond() external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        vm.warp(offer.validUntil);
        assertEq(_take(offer, signature), 10);
    }

    function test_signedOffer_canBePostedAfterwards() external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        assertEq(_take(offer, signature), 10);
        post(offer);
        // What was filled stays filled.
        _assertState(offer, OfferState({postedBy: provider, filledItems: 10, cancelled: false}));
        assertEq(_take(offer, ""), 10);
        assertEq(_take(offer, hex"1234"), 10);
        _assertState(offer, OfferState({postedBy: provider, filledItems: 30, cancelled: false}));
    }

    function test_signedOffer_isCancelledBeforeAnyoneSawIt() external {
        Offer memory offer = Defaults.offer(provider);
        vm.prank(provider);
        market.cancelOffer(offer);
        _assertSkipped(offer, _sign(_key, offer), FillSkip.Cancelled);
    }

    function test_signedOffer_isCancelledHalfway() external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        assertEq(_take(offer, signature), 10);
        vm.prank(provider);
        market.cancelOffer(offer);
        _assertSkipped(offer, signature, FillSkip.Cancelled);
        _assertState(offer, OfferState({postedBy: address(0), filledItems: 10, cancelled: true}));
    }

    function test_signedOffer_isVoidInAnotherEpoch() external {
        Offer memory offer = Defaults.offer(provider);
        vm.prank(provider);
        market.cancelAllOffers(provider);
        _assertSkipped(offer, _sign(_key, offer), FillSkip.Cancelled);
        offer.epoch = 2;
        _assertSkipped(offer, _sign(_key, offer), FillSkip.Cancelled);
        offer.epoch = 1;
        assertEq(_take(offer, _sign(_key, offer)), 10);
    }

    function test_signedOffer_isVoidASecondTooLate() external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        vm.warp(offer.validUntil + 1);
        _assertSkipped(offer, signature, FillSkip.Expired);
    }

    function test_signedOffer_cannotBeTakenWhilePaused() external {
        vm.prank(guardian);
        parameters.pause();
        Offer memory offer = Defaults.offer(provider);
        Fill[] memory fills = _fills(offer, _sign(_key, offer));
        vm.expectRevert(abi.encodeWithSignature("Market_Paused()"));
        vm.prank(buyer);
        market.openJob(buyer, Defaults.request(), fills);
    }

    // ---------------------------------------------------------------- operators

    function test_signedOffer_ofAnOperatorIsTakenUpToTheCap() external {
        (address operator, uint256 key) = makeAccount("operator");
        vm.prank(provider);
        market.setProviderOperator(operator, uint112(Defaults.COLLATERAL));
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(key, offer);
        assertEq(_take(offer, signature), 10);
        _assertSkipped(offer, signature, FillSkip.NoCollateral);
    }

    function test_signedOffer_ofARemovedOperatorIsVoid() external {
        (address operator, uint256 key) = makeAccount("operator");
        vm.prank(provider);
        market.setProviderOperator(operator, type(uint112).max);
        vm.prank(provider);
        market.setProviderOperator(operator, 0);
        Offer memory offer = Defaults.offer(provider);
        _assertSkipped(offer, _sign(key, offer), FillSkip.NotAuthorised);
    }

    function test_signedOffer_ofABuyersOperatorIsVoid() external {
        (address operator, uint256 key) = makeAccount("operator");
        vm.prank(provider);
        market.setBuyerOperator(operator, type(uint96).max, 1);
        Offer memory offer = Defaults.offer(provider);
        _assertSkipped(offer, _sign(key, offer), FillSkip.NotAuthorised);
    }

    // ---------------------------------------------------------------- whose signature, on what

    function test_signedOffer_withoutASignatureIsVoid() external {
        _assertSkipped(Defaults.offer(provider), "", FillSkip.NotAuthorised);
    }

    function test_signedOffer_ofAStrangerIsVoid() external {
        (, uint256 key) = makeAccount("stranger");
        Offer memory offer = Defaults.offer(provider);
        _assertSkipped(offer, _sign(key, offer), FillSkip.NotAuthorised);
    }

    /// @dev Any bit of any field.
    function test_attack_signedOfferChangedInAnyField(uint8 word, uint8 bit) external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        Offer memory forged = _flip(offer, bound(word, 0, 14), bit);
        // Whatever it is skipped for, nothing of it is taken.
        fund(forged.provider, Defaults.DEPOSIT);
        assertEq(_take(forged, signature), 0);
        assertEq(market.offerState(offerIdOf(forged)).filledItems, 0);
        assertEq(market.offerState(offerIdOf(offer)).filledItems, 0);
    }

    /// @dev Those of whose values the Market asks nothing are refused for the signature itself.
    function test_attack_signedOfferChangedWhereNothingElseIsChecked() external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        for (uint256 field = 0; field < 9; field++) {
            Offer memory forged = Defaults.offer(provider);
            if (field == 0) forged.provider = rival;
            if (field == 1) forged.encryptionKey = keccak256("the thief's key");
            if (field == 2) forged.promptPricePerMillion++;
            if (field == 3) forged.outputPricePerMillion++;
            if (field == 4) forged.capacityItems++;
            if (field == 5) forged.maxLotItems++;
            if (field == 6) forged.maxPromptTokens++;
            if (field == 7) forged.validUntil++;
            if (field == 8) forged.salt++;
            _assertSkipped(forged, signature, FillSkip.NotAuthorised);
        }
    }

    function test_attack_signedOfferOfAnotherChain() external {
        Offer memory offer = Defaults.offer(provider);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        bytes memory signature = _sign(_key, offer);
        vm.chainId(here);
        _assertSkipped(offer, signature, FillSkip.NotAuthorised);
    }

    /// @dev A fork of the chain keeps the contract's address: its domain must follow.
    function test_attack_signedOfferAfterAFork() external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory signature = _sign(_key, offer);
        vm.chainId(block.chainid + 1);
        assertEq(_take(offer, signature), 0);
        assertEq(_take(offer, _sign(_key, offer)), 10);
    }

    function test_attack_signedOfferOfAnotherMarket() external {
        Market other = newMarket(asset);
        Offer memory offer = Defaults.offer(provider);
        bytes32 digest = other.offerIdOf(offer);
        assertTrue(digest != market.offerIdOf(offer), "one digest in two markets");
        _assertSkipped(offer, _signature(_key, digest), FillSkip.NotAuthorised);
    }

    /// @dev Without the domain, and under the personal-message prefix.
    function test_attack_signatureOfAnotherKindOfMessage() external {
        Offer memory offer = Defaults.offer(provider);
        bytes32 digest = offerIdOf(offer);
        _assertSkipped(offer, _signature(_key, keccak256(abi.encode(offer))), FillSkip.NotAuthorised);
        bytes32 personal = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digest));
        _assertSkipped(offer, _signature(_key, personal), FillSkip.NotAuthorised);
    }

    function test_attack_malleatedSignature() external {
        Offer memory offer = Defaults.offer(provider);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, offerIdOf(offer));
        bytes32 high = bytes32(ORDER - uint256(s));
        _assertSkipped(offer, abi.encodePacked(r, high, v == 27 ? 28 : 27), FillSkip.NotAuthorised);
        _assertSkipped(offer, abi.encodePacked(r, high, v), FillSkip.NotAuthorised);
        assertEq(_take(offer, abi.encodePacked(r, s, v)), 10);
    }

    function test_attack_signaturesOfOtherShapes() external {
        Offer memory offer = Defaults.offer(provider);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, offerIdOf(offer));
        // EIP-2098 has another encoding for the same: not taken, so that there is one for each.
        bytes32 vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
        _assertSkipped(offer, abi.encodePacked(r, vs), FillSkip.NotAuthorised);
        _assertSkipped(offer, abi.encodePacked(r, s, v, uint8(0)), FillSkip.NotAuthorised);
        _assertSkipped(offer, abi.encodePacked(r, s), FillSkip.NotAuthorised);
        _assertSkipped(offer, abi.encodePacked(r, s, v - 27), FillSkip.NotAuthorised);
        _assertSkipped(offer, new bytes(65), FillSkip.NotAuthorised);
        _assertSkipped(offer, new bytes(1), FillSkip.NotAuthorised);
    }

    /// @dev What recovers to nobody is not the signature of provider zero.
    function test_attack_offerOfTheZeroAddress() external {
        Offer memory offer = Defaults.offer(address(0));
        _assertSkipped(offer, new bytes(65), FillSkip.NotAuthorised);
        _assertSkipped(offer, "", FillSkip.NotAuthorised);
    }

    // ---------------------------------------------------------------- contract wallets

    function test_walletsOffer_isTakenWithItsOwnersSignature() external {
        (Wallet wallet, uint256 key) = _wallet();
        Offer memory offer = Defaults.offer(address(wallet));
        assertEq(_take(offer, _sign(key, offer)), 10);
        assertAccount(address(wallet), Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
    }

    function test_walletsOffer_isTakenWithWhateverItTakesForASignature() external {
        HostileWallet wallet = new HostileWallet();
        fund(address(wallet), Defaults.DEPOSIT);
        assertEq(_take(Defaults.offer(address(wallet)), hex"01"), 10);
        assertEq(_take(Defaults.offer(address(wallet)), new bytes(65)), 10);
        // But not without any: that is how a posted offer is told apart.
        _assertSkipped(Defaults.offer(address(wallet)), "", FillSkip.NotAuthorised);
    }

    function test_walletsOffer_isVoidIfItRefuses() external {
        (Wallet wallet, ) = _wallet();
        Offer memory offer = Defaults.offer(address(wallet));
        _assertSkipped(offer, _sign(_key, offer), FillSkip.NotAuthorised);
    }

    function test_walletsOffer_ofItsOperatorHasACap() external {
        (Wallet wallet, ) = _wallet();
        vm.prank(address(wallet));
        market.setProviderOperator(provider, uint112(Defaults.COLLATERAL));
        Offer memory offer = Defaults.offer(address(wallet));
        bytes memory signature = _sign(_key, offer);
        assertEq(_take(offer, signature), 10);
        _assertSkipped(offer, signature, FillSkip.NoCollateral);
    }

    /// @dev The wallet speaks for itself alone, also where it is an operator.
    function test_walletsSignature_forAnotherProviderIsVoid() external {
        HostileWallet wallet = new HostileWallet();
        vm.prank(provider);
        market.setProviderOperator(address(wallet), type(uint112).max);
        _assertSkipped(Defaults.offer(provider), hex"01", FillSkip.NotAuthorised);
    }

    function test_walletsOffer_isVoidOnceTheWalletChangesItsMind() external {
        HostileWallet wallet = new HostileWallet();
        fund(address(wallet), Defaults.DEPOSIT);
        Offer memory offer = Defaults.offer(address(wallet));
        assertEq(_take(offer, hex"01"), 10);
        wallet.setMode(WalletMode.Refuse);
        _assertSkipped(offer, hex"01", FillSkip.NotAuthorised);
    }

    // ---------------------------------------------------------------- helpers

    function _wallet() private returns (Wallet wallet, uint256 key) {
        address owner;
        (owner, key) = makeAccount("wallet's owner");
        wallet = new Wallet(owner);
        fund(address(wallet), Defaults.DEPOSIT);
    }

    function _sign(uint256 key, Offer memory offer) private view returns (bytes memory) {
        return _signature(key, offerIdOf(offer));
    }

    function _signature(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _fills(Offer memory offer, bytes memory signature) private pure returns (Fill[] memory fills) {
        fills = fillsOf(offer, 10);
        fills[0].signature = signature;
    }

    /// @dev Opens the next job of ten items with this offer; returns how many it took.
    function _take(Offer memory offer, bytes memory signature) private returns (uint256) {
        JobRequest memory request = Defaults.request();
        request.nonce = ++_nonce;
        (Job memory job, ) = open(request, _fills(offer, signature));
        return 10 - market.jobState(jobIdOf(job)).openItems;
    }

    function _expectSkip(Offer memory offer, uint256 items, FillSkip reason) private {
        bytes32 jobId = market.jobIdOf(buyer, _nonce + 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerIdOf(offer), items, reason);
    }

    function _assertSkipped(Offer memory offer, bytes memory signature, FillSkip reason) private {
        uint256 locked = market.accountOf(offer.provider).locked;
        _expectSkip(offer, 10, reason);
        assertEq(_take(offer, signature), 0);
        assertEq(market.accountOf(offer.provider).locked, locked, "collateral locked");
    }

    function _assertState(Offer memory offer, OfferState memory expected) private view {
        bytes32 actual = keccak256(abi.encode(market.offerState(offerIdOf(offer))));
        assertEq(actual, keccak256(abi.encode(expected)), "offer state");
    }

    function _flip(Offer memory offer, uint256 word, uint8 bit) private pure returns (Offer memory forged) {
        bytes memory encoded = abi.encode(offer);
        // The low bits of a word: every field has at least 32.
        uint256 position = word * 32 + 31 - (bit % 32) / 8;
        encoded[position] = encoded[position] ^ bytes1(uint8(1 << (bit % 8)));
        return abi.decode(encoded, (Offer));
    }
}
