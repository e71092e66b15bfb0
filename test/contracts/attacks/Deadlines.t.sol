// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Each deadline belongs to who must act by it, to its last second; the next second belongs to the other side.
/// No second belongs to both.
contract DeadlineAttacksTest is MarketFixture {
    function test_attack_releaseASecondAfterTheGrace(uint16 late) external {
        (, Lot memory lot) = openFilled();
        vm.warp(Defaults.START + (late % 100));
        bool inTime = block.timestamp <= lot.graceEndsAt;
        assertEq(_call(provider, abi.encodeCall(IMarket.release, (lot))), inTime);
        assertStatus(lot, inTime ? LotStatus.Open : LotStatus.Assigned);
    }

    function test_attack_expireInTheLastSecond(uint16 late) external {
        (, Lot memory lot) = openFilled();
        vm.warp(lot.deadline - 20 + (late % 40));
        bool isLate = block.timestamp > lot.deadline;
        assertEq(_call(stranger, abi.encodeCall(IMarket.expire, (lot))), isLate);
        assertStatus(lot, isLate ? LotStatus.Open : LotStatus.Assigned);
    }

    /// @dev A submit is never too late by itself: whoever comes first after the deadline decides.
    function test_attack_expireAfterALateSubmit(uint16 late) external {
        (, Lot memory lot) = openFilled();
        vm.warp(lot.deadline + 1 + late);
        submit(lot);
        expectWrongStatus(lot, LotStatus.Submitted);
        market.expire(lot);
    }

    /// @dev The last second of the window is the buyer's; the next is the provider's.
    function test_attack_settleInTheLastSecondOfTheWindow(uint8 late) external {
        (Job memory job, Lot memory lot) = openFilled();
        submit(lot);
        uint256 windowEnd = market.lotState(Hashes.lotId(lot)).timestamp();
        vm.warp(windowEnd - 10 + (late % 20));
        bool isOver = block.timestamp > windowEnd;
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, isOver ? LotStatus.None : LotStatus.Submitted);
        vm.prank(buyer);
        // What is settled cannot be demanded; what cannot be settled can.
        try faults.demandReceipt(job, lot, 0) {
            assertEq(isOver, false);
        } catch {
            assertEq(isOver, true);
        }
    }

    function test_attack_demandOrChallengeAfterTheWindow(uint8 late) external {
        (Job memory job, Lot memory lot) = openFilled();
        submit(lot);
        uint256 windowEnd = market.lotState(Hashes.lotId(lot)).timestamp();
        vm.warp(windowEnd + 1 + late);
        expectWrongStatus(lot, LotStatus.Submitted);
        vm.prank(buyer);
        faults.demandReceipt(job, lot, 0);
        expectWrongStatus(lot, LotStatus.Submitted);
        holdLot(lot, block.timestamp + 10);
        // The buyer may still accept: it is what settling would do.
        accept(lot);
    }

    function test_attack_settleInTheLastSecondOfAHold(uint8 late) external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        uint256 until = block.timestamp + 500;
        holdLot(lot, until);
        vm.warp(until - 10 + (late % 20));
        bool isOver = block.timestamp > until;
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, isOver ? LotStatus.None : LotStatus.Challenged);
    }

    function test_attack_takeAnOfferASecondTooLate(uint8 late) external {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        vm.warp(offer.validUntil - 10 + (late % 20));
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, block.timestamp <= offer.validUntil ? 1 : 0);
    }

    function test_attack_claimASecondTooLate(uint8 late) external {
        Job memory job = openBid();
        uint256 deadline = Defaults.START + 30 days;
        vm.warp(deadline - 10 + (late % 20));
        bytes memory call = abi.encodeCall(IMarket.claim, (provider, job, 5, Defaults.PROVIDER_KEY));
        assertEq(_call(provider, call), block.timestamp <= deadline);
    }

    /// @dev Nobody keeps old numbers alive with a job of dust: neither its bid nor its reopened lots outlive the bid's
    /// time, and what is left goes back to the buyer.
    function test_attack_dustJobKeepsOldParametersAlive() external {
        JobRequest memory request = Defaults.request();
        (request.itemCount, request.minLotItems) = (2, 1);
        (Job memory job, ) = open(request, noFills());
        vm.warp(Defaults.START + 30 days);
        Lot memory lot = claim(provider, job, 1);
        expire(stranger, lot);
        bytes memory call = abi.encodeCall(IMarket.claim, (provider, job, 1, Defaults.PROVIDER_KEY));
        assertEq(_call(provider, call), false);
        call = abi.encodeCall(IMarket.claimReopened, (provider, job, lot, Defaults.PROVIDER_KEY));
        assertEq(_call(provider, call), false);
        vm.prank(buyer);
        market.close(job, listOf(lot));
        assertEq(market.accountOf(buyer).locked, 0);
    }

    /// @dev Whatever the second: a lot that its provider may still release cannot be expired, and one that the buyer may
    /// still question cannot be settled.
    function test_attack_noSecondBelongsToBothSides(uint16 elapsed) external {
        (, Lot memory running) = openFilled();
        (, Lot memory submitted) = openFilledAs(2);
        submit(submitted);
        vm.warp(Defaults.START + (elapsed % 1_000));
        bool canExpire = _couldCall(stranger, abi.encodeCall(IMarket.expire, (running)));
        bool canRelease = _couldCall(provider, abi.encodeCall(IMarket.release, (running)));
        assertTrue(!canExpire || !canRelease, "released and expired in one second");

        uint256 locked = market.accountOf(provider).locked;
        bool canHold = _couldCall(address(court), abi.encodeCall(IMarket.hold, (submitted, type(uint40).min)));
        market.settle(Defaults.terms(submitted), settlements(submitted));
        bool isSettled = market.accountOf(provider).locked < locked;
        assertTrue(canHold != isSettled, "held and settled in one second, or neither");
    }

    // ---------------------------------------------------------------- helpers

    function _call(address by, bytes memory call) private returns (bool passed) {
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (passed, ) = address(market).call(call);
    }

    /// @dev Whether it would go through, undone.
    function _couldCall(address by, bytes memory call) private returns (bool) {
        try this.callAndRevert(by, call) {
            return false;
        } catch (bytes memory reason) {
            return bytes4(reason) == bytes4(keccak256("passed"));
        }
    }

    function callAndRevert(address by, bytes memory call) external {
        bytes4 answer = _call(by, call) ? bytes4(keccak256("passed")) : bytes4(keccak256("refused"));
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, answer)
            revert(0, 4)
        }
    }
}
