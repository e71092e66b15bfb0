// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../contracts/interfaces/IParameters.sol";
import {Parameters} from "../../contracts/Parameters.sol";
import {CourtParameters} from "../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../contracts/types/MarketParameters.sol";
import {CourtBounds} from "./helpers/CourtBounds.sol";
import {ParametersBounds} from "./helpers/ParametersBounds.sol";
import {ParametersFixture} from "./helpers/ParametersFixture.sol";
import {Vm, vm} from "./helpers/Vm.sol";

contract ParametersTest is ParametersFixture {
    using CourtBounds for CourtParameters;
    using ParametersBounds for MarketParameters;

    // ---------------------------------------------------------------- constructor

    function test_constructor_refusesTimelockZero() external {
        vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_ZeroAddress.selector));
        new Parameters(address(0), guardian, PHASE, ParametersBounds.standard(), CourtBounds.standard(1_000_000));
    }

    function test_constructor_refusesPhaseZero() external {
        expectOutOfBounds("minPhaseSeconds", 0, 1, 2 days);
        deploy(0, ParametersBounds.standard());
    }

    function test_constructor_refusesPhaseThatNoCaseCouldHold() external {
        expectOutOfBounds("minPhaseSeconds", 2 days + 1, 1, 2 days);
        deploy(2 days + 1, ParametersBounds.standard());
    }

    function test_constructor_refusesFirstVersionOutOfBounds() external {
        expectOutOfBounds("feeBps", 1_001, 0, 1_000);
        deploy(PHASE, ParametersBounds.standard().with("feeBps", 1_001));
    }

    function test_constructor_refusesFirstVersionWithoutLotCollateral() external {
        expectOutOfBounds("minLotCollateral", 0, 1, 0);
        deploy(PHASE, ParametersBounds.standard().with("minLotCollateral", 0).with("receiptFee", 0));
    }

    function test_constructor_refusesLotCollateralThatPaysNoJury() external {
        MarketParameters memory p = ParametersBounds.standard().with("receiptFee", 1).with("minLotCollateral", 9);
        expectOutOfBounds("jurorFee", 1, 1, 0);
        deploy(PHASE, p, CourtBounds.standard(10));
    }

    function test_constructor_takesShortestAndLongestPhase() external {
        MarketParameters memory p = ParametersBounds.standard();
        CourtParameters memory c = CourtBounds.standard(p.minLotCollateral);
        (p.graceSeconds, p.windowSeconds, p.bidSeconds, p.answerSeconds) = (1, 1, 1, 1);
        (c.activationSeconds, c.phaseSeconds) = (1, 1);
        parameters = deploy(1, p, c);
        assertEq(parameters.minPhaseSeconds(), 1);
        assertNewest(1, p, c);

        (p.graceSeconds, p.windowSeconds, p.bidSeconds, p.answerSeconds) = (240, 2 days, 2 days, 2 days);
        (c.activationSeconds, c.phaseSeconds) = (2 days, 2 days);
        parameters = deploy(2 days, p, c);
        assertEq(parameters.minPhaseSeconds(), 2 days);
        assertNewest(1, p, c);
    }

    function test_constructor_takesLeastAndMostLotCollateral() external {
        MarketParameters memory p = ParametersBounds.standard();
        (p.minLotCollateral, p.receiptFee) = (10, 1);
        parameters = deploy(PHASE, p);
        assertNewest(1, p);

        (p.minLotCollateral, p.receiptFee) = (type(uint96).max, type(uint96).max);
        parameters = deploy(PHASE, p);
        assertNewest(1, p);
    }

    function test_constructor_takesGuardianZero() external {
        guardian = address(0);
        Parameters unguarded = deploy(PHASE, ParametersBounds.standard());
        assertEq(unguarded.guardian(), address(0));
    }

    function test_constructor_setsAndAnnouncesEverything() external {
        vm.recordLogs();
        parameters = deploy(PHASE, ParametersBounds.standard());

        assertEq(parameters.timelock(), timelock);
        assertEq(parameters.guardian(), guardian);
        assertEq(parameters.minPhaseSeconds(), PHASE);
        assertEq(parameters.pausedUntil(), 0);
        assertEq(parameters.PAUSE_SECONDS(), PAUSE);
        assertEq(parameters.PAUSE_COOLDOWN_SECONDS(), COOLDOWN);
        assertNewest(1, ParametersBounds.standard());
        assertPaused(false);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertEq(logs[0].topics[0], IParameters.GuardianChanged.selector);
        assertEq(logs[0].topics[1], bytes32(0));
        assertEq(logs[0].topics[2], bytes32(uint256(uint160(guardian))));
        assertEq(logs[1].topics[0], IParameters.ParametersAppended.selector);
        assertEq(logs[1].topics[1], bytes32(uint256(1)));
        assertEq(
            keccak256(logs[1].data),
            keccak256(abi.encode(ParametersBounds.standard(), CourtBounds.standard(1_000_000)))
        );
    }

    // ---------------------------------------------------------------- append

    function test_append_refusesEveryoneButTheTimelock() external {
        address[3] memory others = [guardian, stranger, address(this)];
        for (uint256 i = 0; i < others.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IParameters.Parameters_NotTimelock.selector, others[i]));
            vm.prank(others[i]);
            parameters.append(ParametersBounds.standard(), CourtBounds.standard(1_000_000));
        }
        assertNewest(1, ParametersBounds.standard());
    }

    function test_append_boundsFee() external {
        _assertEdges("feeBps", 0, 1_000);
    }

    function test_append_boundsCollateral() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.penaltyBps = 1_000;
        _assertEdges(p, "collateralBps", 5_000, 100_000);
    }

    function test_append_boundsPenalty() external {
        _assertEdges("penaltyBps", 1_000, 2_000);
    }

    function test_append_boundsPenaltyByAQuarterOfTheCollateral() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.collateralBps = 5_000;
        _assertEdges(p, "penaltyBps", 1_000, 1_250);
        p.collateralBps = 7_999;
        _assertEdges(p, "penaltyBps", 1_000, 1_999);
        p.collateralBps = 8_000;
        _assertEdges(p, "penaltyBps", 1_000, 2_000);
    }

    function test_append_boundsReleaseCharge() external {
        _assertEdges("releaseBps", 10, 100);
    }

    function test_append_boundsBounty() external {
        _assertEdges("bountyBps", 0, 5_000);
    }

    function test_append_boundsGrace() external {
        _assertEdges("graceSeconds", 60, 1 days);
    }

    function test_append_roundsLeastGraceUp() external {
        parameters = deploy(720, ParametersBounds.standard());
        _assertEdges("graceSeconds", 1, 1 days);
        parameters = deploy(721, ParametersBounds.standard());
        _assertEdges("graceSeconds", 2, 1 days);
    }

    function test_append_boundsSubmitGrace() external {
        _assertEdges("submitGraceSeconds", 0, 1 days);
    }

    function test_append_boundsWindow() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.answerSeconds = 12 hours;
        _assertEdges(p, "windowSeconds", 12 hours, 30 days);
    }

    function test_append_boundsBidTime() external {
        _assertEdges("bidSeconds", 12 hours, 30 days);
    }

    function test_append_boundsAnswerTime() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.windowSeconds = 30 days;
        _assertEdges(p, "answerSeconds", 12 hours, 7 days);
    }

    function test_append_boundsAnswerTimeByTheWindow() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.windowSeconds = 7 days - 1;
        _assertEdges(p, "answerSeconds", 12 hours, 7 days - 1);
        p.windowSeconds = 12 hours;
        _assertEdges(p, "answerSeconds", 12 hours, 12 hours);
    }

    /// @dev No one fee fits both edges.
    function test_append_boundsLotCollateralByTheFirst() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.receiptFee = 10_000;
        _assertRefused(p, "minLotCollateral", 9_999, 10_000, 100_000_000);
        _assertTaken(p, "minLotCollateral", 10_000);
        p.receiptFee = 100_000;
        _assertTaken(p, "minLotCollateral", 100_000_000);
        _assertRefused(p, "minLotCollateral", 100_000_001, 10_000, 100_000_000);
    }

    function test_append_roundsLeastLotCollateralUp() external {
        MarketParameters memory p = ParametersBounds.standard().with("receiptFee", 2);
        parameters = deploy(PHASE, p.with("minLotCollateral", 1_001));
        _assertRefused(p, "minLotCollateral", 10, 11, 100_100);
        _assertTaken(p, "minLotCollateral", 11);
    }

    function test_append_boundsReceiptFeeByTheLotCollateral() external {
        _assertEdges("receiptFee", 1_000, 1_000_000);
        _assertEdges(ParametersBounds.standard().with("minLotCollateral", 1_000_001), "receiptFee", 1_001, 1_000_001);
    }

    function test_append_announcesAndReturnsTheVersion() external {
        MarketParameters memory p = ParametersBounds.standard().with("feeBps", 7);
        vm.expectEmit(address(parameters));
        emit IParameters.ParametersAppended(2, p, CourtBounds.standard(1_000_000));
        assertEq(append(p), 2);

        assertNewest(2, p);
        assertEq(parameters.guardian(), guardian);
        assertPaused(false);
    }

    function test_append_leavesEveryEarlierVersionAndThePause() external {
        vm.prank(guardian);
        parameters.pause();
        for (uint32 i = 2; i <= 5; i++) {
            append(ParametersBounds.standard().with("feeBps", i));
        }
        assertSame(parameters.ofVersion(1), ParametersBounds.standard());
        for (uint32 i = 2; i <= 5; i++) {
            assertSame(parameters.ofVersion(i), ParametersBounds.standard().with("feeBps", i));
        }
        assertEq(parameters.pausedUntil(), START + PAUSE);
        assertEq(parameters.guardian(), guardian);
    }

    /// @dev Many small steps in one proposal lead no further than one: the first version is what counts.
    function test_attack_stepsOfLotCollateralDoNotLeaveTheRange() external {
        MarketParameters memory p = ParametersBounds.standard();
        p.receiptFee = 100_000;
        _assertTaken(p, "minLotCollateral", 100_000_000);
        p.receiptFee = 1_000_000;
        _assertRefused(p, "minLotCollateral", 1_000_000_000, 10_000, 100_000_000);
        p.receiptFee = 10_000;
        _assertTaken(p, "minLotCollateral", 10_000);
        p.receiptFee = 100;
        _assertRefused(p, "minLotCollateral", 100, 10_000, 100_000_000);
    }

    // ---------------------------------------------------------------- versions

    function test_ofVersion_refusesUnknownVersions() external {
        uint32[3] memory unknown = [uint32(0), 2, type(uint32).max];
        for (uint256 i = 0; i < unknown.length; i++) assertUnknown(unknown[i]);
    }

    /// @dev A job's opening reads this: state, and two slots of numbers, each once.
    function testGas_current_readsThreeSlotsOnce() external {
        vm.record();
        parameters.current();
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(parameters));
        assertEq(reads.length, 3);
        assertEq(writes.length, 0);
    }

    /// @dev As does a claim.
    function testGas_ofVersion_readsTwoSlotsOnce() external {
        vm.record();
        parameters.ofVersion(1);
        (bytes32[] memory reads, ) = vm.accesses(address(parameters));
        assertEq(reads.length, 2);
    }

    /// @dev As does whatever a case does.
    function testGas_courtOfVersion_readsTwoSlotsOnce() external {
        vm.record();
        parameters.courtOfVersion(1);
        (bytes32[] memory reads, ) = vm.accesses(address(parameters));
        assertEq(reads.length, 2);
    }

    /// @dev Of which 2,600 for the account and 6,300 for its slots, all cold.
    function testGas_current() external view {
        Parameters read = parameters;
        uint256 before = gasleft();
        read.current();
        uint256 spent = before - gasleft();
        assertLe(spent, 13_500, "current()");
    }

    // ---------------------------------------------------------------- helpers

    function _assertEdges(string memory field, uint256 least, uint256 most) private {
        _assertEdges(ParametersBounds.standard(), field, least, most);
    }

    function _assertEdges(MarketParameters memory p, string memory field, uint256 least, uint256 most) private {
        if (least > 0) _assertRefused(p, field, least - 1, least, most);
        _assertTaken(p, field, least);
        _assertTaken(p, field, most);
        _assertRefused(p, field, most + 1, least, most);
    }

    function _assertRefused(
        MarketParameters memory p,
        string memory field,
        uint256 value,
        uint256 least,
        uint256 most
    ) private {
        (uint32 before, , MarketParameters memory inForce) = parameters.current();
        expectOutOfBounds(field, value, least, most);
        append(p.with(field, value));
        assertNewest(before, inForce);
    }

    function _assertTaken(MarketParameters memory p, string memory field, uint256 value) private {
        (uint32 before, , ) = parameters.current();
        uint32 version = append(p.with(field, value));
        assertEq(version, before + 1);
        assertNewest(version, p.with(field, value));
    }
}
