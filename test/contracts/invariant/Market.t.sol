// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {vm} from "../helpers/Vm.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice The invariants of README.md beside this file, one test each.
contract MarketInvariantTest is InvariantTest {
    MarketHandler private _handler;
    IMarket private _market;

    function setUp() external {
        _handler = new MarketHandler();
        _market = _handler.marketHandled();
        bytes4[] memory selectors = new bytes4[](18);
        selectors[0] = MarketHandler.deposit.selector;
        selectors[1] = MarketHandler.depositWithPermit.selector;
        selectors[2] = MarketHandler.withdraw.selector;
        selectors[3] = MarketHandler.multicall.selector;
        selectors[4] = MarketHandler.postOffer.selector;
        selectors[5] = MarketHandler.cancelOffer.selector;
        selectors[6] = MarketHandler.updateOffer.selector;
        selectors[7] = MarketHandler.cancelAllOffers.selector;
        selectors[8] = MarketHandler.openJob.selector;
        selectors[9] = MarketHandler.claim.selector;
        selectors[10] = MarketHandler.claimReopened.selector;
        selectors[11] = MarketHandler.close.selector;
        selectors[12] = MarketHandler.release.selector;
        selectors[13] = MarketHandler.expire.selector;
        selectors[14] = MarketHandler.submit.selector;
        selectors[15] = MarketHandler.accept.selector;
        selectors[16] = MarketHandler.settle.selector;
        selectors[17] = MarketHandler.pass.selector;
        target(address(_handler), selectors);
    }

    /// @notice Adds what this run called to the report of `npm run fuzz`; other runs may not write, and do not mind.
    function afterInvariant() external {
        for (uint256 i = 0; i < _handler.functionsCount(); i++) {
            string memory name = _handler.functions(i);
            (uint256 succeeded, uint256 reverted) = _handler.calls(name);
            string memory line = string.concat(name, " ", vm.toString(succeeded), " ", vm.toString(reverted));
            try vm.writeLine("cache/tests/fuzz/calls.txt", line) {} catch {}
        }
    }

    function invariant_conservation() external view {
        (uint256 free, uint256 locked) = _sums();
        assertEq(_handler.balance(), free + locked, "the asset held is not what the accounts add up to");
        assertEq(free + locked, _handler.deposited() - _handler.withdrawn(), "the accounts are not what came in");
    }

    function invariant_lockedIsWhatBidsAndLotsNeed() external view {
        for (uint256 i = 0; i < _handler.actorsCount(); i++) {
            address actor = _handler.actors(i);
            assertEq(_market.accountOf(actor).locked, _handler.owedLock(actor), "locked");
        }
    }

    function invariant_freeFallsByOnesOwnDoingOnly() external view {
        assertEq(_handler.robbed(), address(0));
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everyLotAndBidHasAnExit() external {
        Lot[] memory lots = _handler.lots();
        for (uint256 i = 0; i < lots.length; i++) _end(lots[i]);
        Job[] memory jobs = _handler.jobs();
        for (uint256 i = 0; i < jobs.length; i++) {
            Lot[] memory own = _lotsOf(jobs[i], lots);
            vm.prank(jobs[i].buyer);
            _market.close(jobs[i], own);
        }
        for (uint256 i = 0; i < _handler.actorsCount(); i++) {
            address actor = _handler.actors(i);
            assertEq(_market.accountOf(actor).locked, 0, "still locked");
            uint256 free = _market.accountOf(actor).free;
            vm.prank(actor);
            _market.withdraw(actor, free);
        }
        assertEq(_handler.balance(), 0, "the market keeps something");
    }

    /// @dev One party alone, whoever they are: here one of the actors, after the deadline.
    function _end(Lot memory lot) private {
        Lot[] memory list = new Lot[](1);
        list[0] = lot;
        LotStatus status = _market.lotState(Hashes.lotId(lot)).status;
        if (status == LotStatus.Assigned) {
            if (block.timestamp <= lot.deadline) vm.warp(lot.deadline + 1);
            address someone = _handler.actors(0);
            vm.prank(someone);
            _market.expire(lot);
        } else if (status == LotStatus.Submitted) {
            uint256 windowEnd = _market.lotState(Hashes.lotId(lot)).timestamp;
            if (block.timestamp <= windowEnd) vm.warp(windowEnd + 1);
            _market.settle(list);
            assertEq(uint256(_market.lotState(Hashes.lotId(lot)).status), uint256(LotStatus.Settled), "not settled");
        }
    }

    function _lotsOf(Job memory job, Lot[] memory lots) private view returns (Lot[] memory own) {
        bytes32 jobId = _market.jobIdOf(job.buyer, job.request.nonce);
        uint256 count;
        for (uint256 i = 0; i < lots.length; i++) if (lots[i].jobId == jobId) count++;
        own = new Lot[](count);
        for (uint256 i = lots.length; i > 0; i--) if (lots[i - 1].jobId == jobId) own[--count] = lots[i - 1];
    }

    function _sums() private view returns (uint256 free, uint256 locked) {
        for (uint256 i = 0; i < _handler.actorsCount(); i++) {
            free += _market.accountOf(_handler.actors(i)).free;
            locked += _market.accountOf(_handler.actors(i)).locked;
        }
    }
}
