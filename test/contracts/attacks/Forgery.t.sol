// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Market} from "../../../contracts/Market.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Callers bring the terms along. Terms that the Market did not agree to get nothing.
contract ForgeryAttacksTest is MarketFixture {
    /// @dev Every word of a Lot, changed by a bit, makes another lot, which is in no state.
    function test_attack_forgedLotTerms(uint8 word, uint8 bit) external {
        (Job memory job, Lot memory lot) = openFilled();
        Lot memory forged = _flip(lot, bound(word, 0, 16), bit);
        vm.warp(lot.deadline + 1 days);

        if (forged.provider == provider && forged.itemCount > 0) {
            vm.prank(provider);
            market.submit(Defaults.terms(forged), deliveries(forged, Defaults.submission()));
        }
        if (forged.buyer == buyer) {
            vm.prank(buyer);
            market.accept(Defaults.terms(forged), settlements(forged));
        }
        market.settle(Defaults.terms(forged), settlements(forged));
        assertStatus(forged, LotStatus.None);
        assertStatus(lot, LotStatus.Assigned);

        if (forged.deadline < block.timestamp) {
            expectWrongStatus(forged, LotStatus.None);
            market.expire(forged);
        }
        if (forged.jobId == lot.jobId) {
            expectWrongStatus(forged, LotStatus.None);
            vm.prank(rival);
            market.claimReopened(rival, job, forged, Defaults.PROVIDER_KEY);
        }
        assertAccount(buyer, Defaults.DEPOSIT - Defaults.ESCROW, Defaults.ESCROW);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
    }

    /// @dev Every field of a Job is bound by its hash; another buyer or nonce names another job.
    function test_attack_forgedJobTerms(uint8 field) external {
        Job memory job = openBid();
        JobRequest memory r = job.request;
        uint256 which = bound(field, 0, 17);
        if (which == 0) job.openedAt--;
        if (which == 1) job.parametersVersion++;
        if (which == 2) r.nonce++;
        if (which == 3) r.modelId = bytes32(uint256(r.modelId) + 1);
        if (which == 4) r.inputRoot = bytes32(uint256(r.inputRoot) + 1);
        if (which == 5) r.auditRoot = bytes32(uint256(r.auditRoot) + 1);
        if (which == 6) r.encryptionKey = bytes32(uint256(r.encryptionKey) + 1);
        if (which == 7) r.itemCount++;
        if (which == 8) r.promptTokensCap++;
        if (which == 9) r.outputTokensCap++;
        if (which == 10) r.promptLimitPerMillion++;
        if (which == 11) r.outputLimitPerMillion++;
        if (which == 12) r.startBps++;
        if (which == 13) r.rampSeconds++;
        if (which == 14) r.turnaroundSeconds++;
        if (which == 15) r.minLotItems--;
        if (which == 16) r.minLotValue++;
        if (which == 17) r.auditor = provider;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        vm.prank(provider);
        market.claim(provider, job, 10, Defaults.PROVIDER_KEY);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        vm.prank(buyer);
        market.close(job, noLots());
    }

    function test_attack_closeAnotherBuyersJobAsOnesOwn() external {
        Job memory job = openBid();
        job.buyer = rival;
        bytes32 jobId = jobIdOf(job);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongTerms.selector, jobId));
        vm.prank(rival);
        market.close(job, noLots());
    }

    /// @dev The failed lot's price decides what the next claim pays.
    function test_attack_claimReopenedWithAForgedPrice() external {
        (Job memory job, Lot memory failed) = openExpired();
        failed.promptPricePerMillion = 1_000_000;
        expectWrongStatus(failed, LotStatus.None);
        vm.prank(rival);
        market.claimReopened(rival, job, failed, Defaults.PROVIDER_KEY);
    }

    function test_attack_lotOfAnotherMarket() external {
        (, Lot memory lot) = openFilled();
        Market other = newMarket(asset);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongStatus.selector, Hashes.lotId(lot), LotStatus.None));
        vm.prank(provider);
        other.release(lot);
        assertTrue(other.jobIdOf(buyer, 1) != market.jobIdOf(buyer, 1), "one id in two markets");
    }

    /// @dev Terms are hashed as they were sent, so bits beyond a field's type must make another lot or be refused.
    function test_attack_dirtyBitsInALot(uint8 word, uint8 bit) external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.warp(lot.deadline + 1 days);
        // Word 0 is the jobId, which has no bits to spare. Behind the terms come the list's offset and length.
        uint256 index = bound(word, 1, 16);
        uint256 position = 4 + index * 32 + (index < 10 ? 0 : 64);
        bytes[3] memory batches = [
            abi.encodeCall(IMarket.settle, (Defaults.terms(lot), settlements(lot))),
            abi.encodeCall(IMarket.accept, (Defaults.terms(lot), settlements(lot))),
            abi.encodeCall(IMarket.submit, (Defaults.terms(lot), deliveries(lot, Defaults.submission())))
        ];
        for (uint256 i = 0; i < batches.length; i++) {
            // Each has its highest 96 bits to spare.
            batches[i][position + (bit % 96) / 8] ^= bytes1(uint8(1 << (bit % 8)));
            vm.prank(i == 2 ? provider : buyer);
            // Refused or skipped, the lot stays as it is.
            // solhint-disable-next-line avoid-low-level-calls
            (bool passed, ) = address(market).call(batches[i]);
            assertStatus(lot, LotStatus.Submitted);
            assertTrue(!passed || market.accountOf(provider).locked == lot.collateral, "paid");
        }
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.None);
    }

    function test_attack_dirtyBitsInAnOffer(uint8 bit) external {
        Offer memory offer = Defaults.offer(provider);
        bytes memory call = abi.encodeCall(IOffers.postOffer, (offer));
        // The salt, the last word.
        call[call.length - 32 + (bit % 192) / 8] ^= bytes1(uint8(1 << (bit % 8)));
        vm.prank(provider);
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, ) = address(market).call(call);
        assertTrue(!passed, "posted");
    }

    function _flip(Lot memory lot, uint256 word, uint8 bit) private pure returns (Lot memory forged) {
        bytes memory encoded = abi.encode(lot);
        // The low bits of a word: every field has at least 16.
        uint256 position = word * 32 + 31 - (bit % 16) / 8;
        encoded[position] = encoded[position] ^ bytes1(uint8(1 << (bit % 8)));
        return abi.decode(encoded, (Lot));
    }
}
