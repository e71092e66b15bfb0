// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IArbiter} from "../../../contracts/interfaces/IArbiter.sol";
import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IParameters} from "../../../contracts/interfaces/IParameters.sol";
import {Court} from "../../../contracts/Court.sol";
import {Faults} from "../../../contracts/Faults.sol";
import {Market} from "../../../contracts/Market.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

contract MarketParametersTest is MarketFixture {
    IBackers private constant NO_BACKERS = IBackers(address(0));

    // ---------------------------------------------------------------- constructor

    function test_constructor_refusesAssetZero() external {
        (Faults arbiter, Court judge) = (new Faults(), new Court(NO_BACKERS));
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_ZeroAddress.selector));
        new Market(IERC20(address(0)), parameters, vault, arbiter, judge, NO_BACKERS);
    }

    function test_constructor_refusesVaultZero() external {
        (Faults arbiter, Court judge) = (new Faults(), new Court(NO_BACKERS));
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_ZeroAddress.selector));
        new Market(asset, parameters, address(0), arbiter, judge, NO_BACKERS);
    }

    function test_constructor_refusesParametersZero() external {
        (Faults arbiter, Court judge) = (new Faults(), new Court(NO_BACKERS));
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_ZeroAddress.selector));
        new Market(asset, IParameters(address(0)), vault, arbiter, judge, NO_BACKERS);
    }

    function test_constructor_refusesAnArbiterOfAnotherMarket() external {
        Court judge = new Court(NO_BACKERS);
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        new Market(asset, parameters, vault, faults, judge, NO_BACKERS);
    }

    function test_constructor_refusesACourtOfAnotherMarket() external {
        Faults arbiter = new Faults();
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        new Market(asset, parameters, vault, arbiter, court, NO_BACKERS);
    }

    function test_constructor_takesNoCourt() external {
        Faults arbiter = new Faults();
        Market deployed = new Market(asset, parameters, vault, arbiter, ICourt(address(0)), NO_BACKERS);
        assertEq(address(deployed.court()), address(0));
        assertEq(address(arbiter.market()), address(deployed));
    }

    function test_constructor_refusesBackersOfAnotherMarket() external {
        (Faults arbiter, Court judge) = (new Faults(), new Court(NO_BACKERS));
        vm.expectRevert(abi.encodeWithSelector(IArbiter.Arbiter_AlreadyBound.selector, address(market)));
        new Market(asset, parameters, vault, arbiter, judge, backers);
    }

    function test_constructor_keepsWhatItIsGiven() external view {
        assertEq(address(market.asset()), address(asset));
        assertEq(address(market.parameters()), address(parameters));
        assertEq(market.vault(), vault);
        assertEq(address(market.faults()), address(faults));
        assertEq(address(market.court()), address(court));
        assertEq(address(faults.market()), address(market));
        assertEq(address(court.market()), address(market));
        assertEq(address(market.backers()), address(backers));
        assertEq(address(backers.market()), address(market));
    }

    // ---------------------------------------------------------------- versions

    function test_versions_areResolvedIntoTheLot() external {
        MarketParameters memory next = _append();
        JobRequest memory request = Defaults.request();
        request.startBps = 10_000;
        Job memory job = Defaults.job(buyer, request);
        job.parametersVersion = 2;
        vm.prank(buyer);
        market.openJob(buyer, request, noFills());
        Lot memory lot = claim(provider, job, 10);

        assertEq(lot.feeBps, next.feeBps);
        assertEq(lot.bountyBps, next.bountyBps);
        assertEq(lot.windowSeconds, next.windowSeconds);
        assertEq(lot.graceEndsAt, block.timestamp + next.graceSeconds);
        assertEq(lot.deadline, block.timestamp + next.graceSeconds + 600 + next.submitGraceSeconds);
        // At the limit, the value is the escrow.
        assertEq(lot.collateral, 40_000);
        assertEq(lot.penalty, 3_000);
        assertEq(lot.releaseCharge, 200);
    }

    function test_versions_ofAnOpenJobStayWhateverIsVoted() external {
        Job memory job = openBid();
        (, Lot memory running) = openFilledAs(2);
        _append();

        Lot memory lot = claim(rival, job, 10);
        assertEq(lot.feeBps, 100);
        assertEq(lot.windowSeconds, 60);
        assertEq(lot.graceEndsAt, block.timestamp + 30);
        assertEq(lot.releaseCharge, Defaults.RELEASE_CHARGE);

        submit(running);
        accept(running);
        assertEq(market.accountOf(vault).free, Defaults.FEE);
    }

    function test_versions_ofAReopenedLotStayWhateverIsVoted() external {
        (Job memory job, Lot memory failed) = openExpired();
        _append();
        Lot memory lot = claimReopened(rival, job, failed);
        assertEq(lot.feeBps, failed.feeBps);
        assertEq(lot.bountyBps, failed.bountyBps);
        assertEq(lot.collateral, failed.collateral);
        assertEq(lot.penalty, failed.penalty);
        assertEq(lot.windowSeconds, failed.windowSeconds);
    }

    function test_versions_boundTheBidByTheirOwnLifetime() external {
        Job memory old = openBid();
        MarketParameters memory next = Defaults.parameters();
        next.bidSeconds = 1 days;
        vm.prank(timelock);
        parameters.append(next, Defaults.courtParameters());
        (Job memory job, ) = openSecond(noFills());
        job.parametersVersion = 2;

        vm.warp(Defaults.START + 1 days + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IMarket.Market_BidExpired.selector,
                Defaults.START + 1 days + 1,
                Defaults.START + 1 days
            )
        );
        vm.prank(provider);
        market.claim(provider, job, 10, Defaults.PROVIDER_KEY);
        claim(provider, old, 10);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev Every number but the lifetime of a bid differs from the first version's.
    function _append() private returns (MarketParameters memory next) {
        next = MarketParameters({
            feeBps: 300,
            collateralBps: 20_000,
            penaltyBps: 1_500,
            releaseBps: 100,
            bountyBps: 2_000,
            graceSeconds: 40,
            submitGraceSeconds: 7,
            windowSeconds: 90,
            bidSeconds: 30 days,
            minLotCollateral: 20_000,
            receiptFee: 700,
            answerSeconds: 25
        });
        vm.prank(timelock);
        parameters.append(next, Defaults.courtParameters());
    }
}
