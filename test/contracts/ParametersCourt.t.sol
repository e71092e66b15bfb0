// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParameters} from "../../contracts/interfaces/IParameters.sol";
import {CourtParameters} from "../../contracts/types/CourtParameters.sol";
import {MarketParameters} from "../../contracts/types/MarketParameters.sol";
import {CourtBounds} from "./helpers/CourtBounds.sol";
import {ParametersBounds} from "./helpers/ParametersBounds.sol";
import {ParametersFixture} from "./helpers/ParametersFixture.sol";
import {vm} from "./helpers/Vm.sol";

/// @notice The court's numbers, and both together.
contract ParametersCourtTest is ParametersFixture {
    using CourtBounds for CourtParameters;
    using ParametersBounds for MarketParameters;

    struct Numbers {
        MarketParameters market;
        CourtParameters court;
    }

    function test_constructor_refusesFirstVersionOutOfBounds() external {
        expectOutOfBounds("kappaBps", 50_001, 100, 50_000);
        deploy(PHASE, ParametersBounds.standard(), _standard().with("kappaBps", 50_001));
    }

    function test_constructor_refusesFeeZero() external {
        expectOutOfBounds("jurorFee", 0, 1, 0);
        deploy(PHASE, ParametersBounds.standard(), _standard().with("jurorFee", 0).with("seatStake", 0));
    }

    function test_constructor_takesDearestJuryThatTheLeastCollateralPays() external {
        expectOutOfBounds("jurorFee", 100_001, 1_001, 100_000);
        deploy(PHASE, ParametersBounds.standard(), _standard().with("jurorFee", 100_001));

        CourtParameters memory court = _standard().with("jurorFee", 100_000).with("seatStake", 800_000);
        parameters = deploy(PHASE, ParametersBounds.standard(), court);
        assertNewest(1, ParametersBounds.standard(), court);
    }

    function test_constructor_takesLargestAmounts() external {
        MarketParameters memory market = ParametersBounds.standard();
        (market.minLotCollateral, market.receiptFee) = (type(uint96).max, type(uint96).max);
        CourtParameters memory court = _standard();
        (court.jurorFee, court.seatStake) = (type(uint96).max / 10, type(uint96).max);
        parameters = deploy(PHASE, market, court);
        assertNewest(1, market, court);
    }

    function test_append_boundsSeatStake() external {
        _assertEdges(_standard(), "seatStake", 6_400, 8_000_000);
    }

    function test_append_boundsJurorFeeByTheFirst() external {
        CourtParameters memory court = _standard();
        _assertRefused(court, "jurorFee", 7, 8, 80_000);
        _assertTaken(court, "jurorFee", 8);
        court.seatStake = 640_000;
        _assertTaken(court, "jurorFee", 80_000);
        _assertRefused(court, "jurorFee", 80_001, 8, 80_000);
    }

    function test_append_roundsLeastJurorFeeUp() external {
        CourtParameters memory court = _standard().with("seatStake", 8_080);
        parameters = deploy(PHASE, ParametersBounds.standard(), court.with("jurorFee", 101));
        _assertRefused(court, "jurorFee", 1, 2, 10_100);
        _assertTaken(court, "jurorFee", 2);
    }

    /// @dev Ten fees: a first jury, and a bond.
    function test_append_boundsJurorFeeByTheLeastCollateral() external {
        MarketParameters memory market = ParametersBounds.standard().with("minLotCollateral", 20_009);
        CourtParameters memory court = _standard().with("jurorFee", 2_001);
        expectOutOfBounds("jurorFee", 2_001, 8, 2_000);
        append(market, court);

        court.jurorFee = 2_000;
        append(market, court);
        assertNewest(2, market, court);
    }

    function test_append_boundsSeats() external {
        _assertEdges(_standard(), "minSeats", 5, 1_000);
    }

    function test_append_boundsKappa() external {
        _assertEdges(_standard(), "kappaBps", 100, 50_000);
    }

    function test_append_boundsActivation() external {
        _assertEdges(_standard(), "activationSeconds", 12 hours, 30 days);
    }

    function test_append_boundsPhase() external {
        _assertEdges(_standard(), "phaseSeconds", 12 hours, 2 days);
    }

    function test_append_leavesEveryEarlierVersion() external {
        for (uint32 i = 2; i <= 5; i++) append(ParametersBounds.standard(), _standard().with("minSeats", i + 10));
        assertSame(parameters.courtOfVersion(1), _standard());
        for (uint32 i = 2; i <= 5; i++) {
            assertSame(parameters.courtOfVersion(i), _standard().with("minSeats", i + 10));
        }
    }

    /// @dev As for the least collateral: the first version is what counts.
    function test_attack_stepsOfJurorFeeDoNotLeaveTheRange() external {
        CourtParameters memory court = _standard();
        _assertTaken(court, "jurorFee", 8);
        _assertRefused(court, "jurorFee", 1, 8, 80_000);
        court.seatStake = 8_000_000;
        _assertTaken(court, "jurorFee", 80_000);
        _assertRefused(court, "jurorFee", 100_000, 8, 80_000);
    }

    function testFuzz_append_refusesOrIsWithinBounds(
        Numbers calldata raw,
        uint256 kept,
        uint32 phase,
        uint96 lotCollateral,
        uint96 jurorFee
    ) external {
        phase = uint32(bound(phase, 1, 2 days));
        Numbers memory first = Numbers(ParametersBounds.standard(), _standard());
        first.market.minLotCollateral = uint96(bound(lotCollateral, 10, type(uint96).max));
        first.court.jurorFee = uint96(bound(jurorFee, 1, first.market.minLotCollateral / 10));
        first = _tamed(first, type(uint256).max, phase, first);
        parameters = deploy(phase, first.market, first.court);

        Numbers memory next = raw;
        // Every other one of them is left as wild as it is.
        if (kept % 2 == 0) next = _tamed(raw, (kept / 2) % 20, phase, first);
        bool isWithin = next.market.within(phase, first.market.minLotCollateral);
        isWithin = isWithin && next.court.within(phase, first.court.jurorFee, next.market.minLotCollateral);
        vm.prank(timelock);
        try parameters.append(next.market, next.court) {
            assertTrue(isWithin, "appended out of bounds");
            assertNewest(2, next.market, next.court);
        } catch (bytes memory reason) {
            assertTrue(!isWithin, "refused within bounds");
            assertEq(bytes4(reason), IParameters.Parameters_OutOfBounds.selector);
            assertNewest(1, first.market, first.court);
        }
        assertSame(parameters.ofVersion(1), first.market);
        assertSame(parameters.courtOfVersion(1), first.court);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev The Market's numbers are counted first.
    function _tamed(
        Numbers memory raw,
        uint256 kept,
        uint256 phase,
        Numbers memory first
    ) private pure returns (Numbers memory tamed) {
        uint256 courtKept = kept < 12 ? type(uint256).max : kept - 12;
        tamed.market = raw.market.tamed(kept, phase, first.market.minLotCollateral);
        uint256 lotCollateral = tamed.market.minLotCollateral;
        tamed.court = raw.court.tamed(courtKept, phase, first.court.jurorFee, lotCollateral);
    }

    function _standard() private pure returns (CourtParameters memory) {
        return CourtBounds.standard(ParametersBounds.standard().minLotCollateral);
    }

    function _assertEdges(CourtParameters memory court, string memory field, uint256 least, uint256 most) private {
        _assertRefused(court, field, least - 1, least, most);
        _assertTaken(court, field, least);
        _assertTaken(court, field, most);
        _assertRefused(court, field, most + 1, least, most);
    }

    function _assertRefused(
        CourtParameters memory court,
        string memory field,
        uint256 value,
        uint256 least,
        uint256 most
    ) private {
        (uint32 before, , MarketParameters memory market) = parameters.current();
        CourtParameters memory inForce = parameters.courtOfVersion(before);
        expectOutOfBounds(field, value, least, most);
        append(ParametersBounds.standard(), court.with(field, value));
        assertNewest(before, market, inForce);
    }

    function _assertTaken(CourtParameters memory court, string memory field, uint256 value) private {
        (uint32 before, , ) = parameters.current();
        uint32 version = append(ParametersBounds.standard(), court.with(field, value));
        assertEq(version, before + 1);
        assertNewest(version, ParametersBounds.standard(), court.with(field, value));
    }
}
