// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice The invariants of README.md beside this file, one test each.
contract MarketInvariantTest is InvariantTest {
    /// @dev Ending everything costs as much as all that came before.
    uint256 private constant CALLS_PER_END = 32;
    uint256 private constant CONCERNS = 9;

    MarketHandler private _handler;
    IMarket private _market;

    function setUp() external {
        _handler = new MarketHandler();
        _handler.populate();
        _market = _handler.marketHandled();
        bytes4[36] memory selectors = [
            _handler.deposit.selector,
            _handler.depositWithPermit.selector,
            _handler.withdraw.selector,
            _handler.multicall.selector,
            _handler.setProviderOperator.selector,
            _handler.setBuyerOperator.selector,
            _handler.postOffer.selector,
            _handler.signOffer.selector,
            _handler.cancelOffer.selector,
            _handler.cancelAllOffers.selector,
            _handler.openJob.selector,
            _handler.topUp.selector,
            _handler.claim.selector,
            _handler.claimReopened.selector,
            _handler.cancelRemainder.selector,
            _handler.close.selector,
            _handler.release.selector,
            _handler.expire.selector,
            _handler.submit.selector,
            _handler.accept.selector,
            _handler.settle.selector,
            _handler.hold.selector,
            _handler.resume.selector,
            _handler.slash.selector,
            _handler.take.selector,
            _handler.give.selector,
            _handler.usurp.selector,
            _handler.demandReceipt.selector,
            _handler.answerReceipt.selector,
            _handler.failDemand.selector,
            _handler.proveStatement.selector,
            _handler.reclaim.selector,
            _handler.append.selector,
            _handler.pause.selector,
            _handler.unpause.selector,
            _handler.pass.selector
        ];
        bytes4[] memory list = new bytes4[](selectors.length);
        for (uint256 i = 0; i < list.length; i++) list[i] = selectors[i];
        target(address(_handler), list);
    }

    /// @notice Looks at the end of each run at every concern, whichever it was about.
    function afterInvariant() external {
        for (uint256 i = 0; i < CONCERNS; i++) assertEq(_handler.broken(_concern(i)), "");
        report("Market", _handler);
    }

    function invariant_conservation() external view {
        uint256 sum;
        for (uint256 i = 0; i < _handler.accountsCount(); i++) sum += _totalOf(_handler.accounts(i));
        assertEq(_handler.balance(), sum, "the asset held is not what the accounts add up to");
        assertEq(sum, _handler.deposited() - _handler.withdrawn(), "the accounts are not what came in");
    }

    function invariant_everyAccountHoldsWhatTheRulesGiveIt() external view {
        for (uint256 i = 0; i < _handler.accountsCount(); i++) {
            address account = _handler.accounts(i);
            assertEq(_totalOf(account), _handler.owned(account), "total");
        }
    }

    function invariant_lockedIsWhatBidsAndLotsNeed() external view {
        for (uint256 i = 0; i < _handler.accountsCount(); i++) {
            address account = _handler.accounts(i);
            assertEq(_market.accountOf(account).locked, _handler.owed(account), "locked");
        }
    }

    function invariant_freeFallsByOnesOwnDoingOnly() external view {
        assertEq(_handler.broken("robbed"), "");
    }

    function invariant_aJobsRulesNeverChange() external view {
        assertEq(_handler.changedRules(), "");
    }

    function invariant_lotsAreWhereTheirHistoryPutsThem() external view {
        assertEq(_handler.misplaced(), "");
    }

    function invariant_noSlashExceedsTheCollateralNoExpiryThePenalty() external view {
        assertEq(_handler.broken("slash"), "");
    }

    function invariant_feesStayBelowTheBound() external view {
        assertEq(_handler.broken("fee"), "");
    }

    function invariant_noOneIsPaidMoreThanTheEscrow() external view {
        assertEq(_handler.broken("escrow"), "");
    }

    function invariant_pauseStopsOpeningsOnly() external view {
        assertEq(_handler.broken("pause"), "");
    }

    function invariant_operatorsStayWithinTheirLimits() external view {
        assertEq(_handler.broken("operators"), "");
    }

    function invariant_offersAreFilledAsTheyWereMade() external view {
        assertEq(_handler.broken("offers"), "");
    }

    function invariant_whatIsPrepaidForAnswersIsThere() external view {
        assertEq(_market.accountOf(address(_market.faults())).free, _handler.prepaid());
    }

    function invariant_whatMustWorkIsNeverRefused() external view {
        assertEq(_handler.broken("exits"), "");
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everyLotAndBidHasAnExit() external {
        if (_handler.callsCount() % CALLS_PER_END == 0) _handler.endAll();
    }

    function _concern(uint256 index) private pure returns (string memory) {
        string[CONCERNS] memory concerns = [
            "robbed",
            "rules",
            "slash",
            "fee",
            "escrow",
            "pause",
            "operators",
            "offers",
            "exits"
        ];
        return concerns[index];
    }

    function _totalOf(address account) private view returns (uint256) {
        return uint256(_market.accountOf(account).free) + _market.accountOf(account).locked;
    }
}
