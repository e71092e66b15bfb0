// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice A thief has an operator's key, and is `stranger` and `rival` beside.
contract StolenKeyAttacksTest is MarketFixture {
    uint32 private constant PERIOD = 1_000;

    address private _stolen;

    function setUp() public override {
        fixture();
        _stolen = makeAddr("stolen key");
    }

    /// @dev The thief's own provider is paid for nothing out of the buyer's allowance: that is all there is of it.
    function test_attack_stolenBuyerKeyDealsWithItself() external {
        uint96 allowance = uint96(3 * Defaults.ESCROW + 5_000);
        vm.prank(buyer);
        market.setBuyerOperator(_stolen, allowance, PERIOD);
        Offer memory offer = Defaults.offer(rival);
        (offer.promptPricePerMillion, offer.outputPricePerMillion) = (1_000_000, 2_000_000);
        post(offer);
        uint256 rivalBefore = _total(rival);

        uint256 opened;
        for (uint256 nonce = 1; nonce < 10; nonce++) {
            JobRequest memory request = Defaults.request();
            request.nonce = nonce;
            vm.recordLogs();
            vm.prank(_stolen);
            try market.openJob(buyer, request, fillsOf(offer, 10)) {} catch {
                continue;
            }
            opened++;
            Lot memory lot = assignedLots()[0];
            Submission memory empty = Defaults.submission();
            (empty.totals.promptTokens, empty.totals.outputTokens) = (type(uint64).max, type(uint64).max);
            submit(lot, empty);
            vm.prank(_stolen);
            market.accept(Defaults.terms(lot), settlements(lot, empty));
        }
        assertEq(opened, 3);
        assertLe(Defaults.DEPOSIT - _total(buyer), allowance, "more than the allowance");
        assertLe(_total(rival) - rivalBefore, allowance, "the thief got more");
        assertConserved();
    }

    /// @dev A top-up, a demand's fee and a bond come out of the same allowance.
    function test_attack_stolenBuyerKeyHasOneAllowanceForAll() external {
        vm.prank(buyer);
        market.setBuyerOperator(_stolen, uint96(Defaults.ESCROW + 400), PERIOD);
        vm.prank(_stolen);
        market.openJob(buyer, Defaults.request(), noFills());
        Job memory job = Defaults.job(buyer, Defaults.request());
        Lot memory lot = claim(provider, job, 10);
        submit(lot);

        vm.expectRevert(_allowanceExceeded(500, 400));
        vm.prank(_stolen);
        faults.demandReceipt(job, lot, 0);
        vm.expectRevert(_allowanceExceeded(401, 400));
        takeFrom(buyer, _stolen, 401);
        takeFrom(buyer, _stolen, 400);
        vm.expectRevert(_allowanceExceeded(1, 0));
        takeFrom(buyer, _stolen, 1);
    }

    /// @dev Claims from a buyer of the thief's own and never submits: at once no more than the cap is at stake.
    function test_attack_stolenProviderKeyStakesNoMoreThanTheCapAtOnce() external {
        uint112 cap = 45_000;
        vm.prank(provider);
        market.setProviderOperator(_stolen, cap);
        uint256 claimed;
        for (uint256 nonce = 1; nonce < 8; nonce++) {
            Job memory job = _openByThief(nonce);
            vm.prank(_stolen);
            try market.claim(provider, job, 10, Defaults.PROVIDER_KEY) {
                claimed++;
            } catch {}
        }
        assertGe(claimed, 1, "nothing was claimed");
        assertLe(market.accountOf(provider).locked, cap, "beyond the cap");
        vm.prank(provider);
        market.setProviderOperator(_stolen, 0);
        // The owner took the key back in time: what it staked is what it costs at most.
        assertGe(market.accountOf(provider).free, Defaults.DEPOSIT - cap, "more than the cap");
    }

    /// @dev As IOperators warns, the cap bounds what is at stake at once. Over time a thief loses it again and again, so
    /// long as there is something free: an owner keeps free no more than that, and withdraws the rest.
    function test_attack_stolenProviderKeyStakesTheCapAgainAndAgain() external {
        uint112 cap = 45_000;
        vm.startPrank(provider);
        market.setProviderOperator(_stolen, cap);
        market.withdraw(provider, Defaults.DEPOSIT - 100_000);
        vm.stopPrank();
        uint256 worst;
        for (uint256 nonce = 1; nonce < 20; nonce++) {
            Job memory job = _openByThief(nonce);
            uint256 before = _total(provider);
            vm.recordLogs();
            vm.prank(_stolen);
            try market.claim(provider, job, 10, Defaults.PROVIDER_KEY) {
                expire(stranger, assignedLots()[0]);
            } catch {}
            if (before - _total(provider) > worst) worst = before - _total(provider);
        }
        assertLe(worst, cap, "more than the cap at once");
        assertGe(100_000 - _total(provider), cap, "the warning is no longer true: tell owners");
        assertEq(asset.balanceOf(provider), Defaults.DEPOSIT - 100_000);
        assertConserved();
    }

    function test_attack_stolenKeyMovesNothingOut() external {
        vm.prank(provider);
        market.setProviderOperator(_stolen, type(uint112).max);
        vm.prank(provider);
        market.setBuyerOperator(_stolen, type(uint96).max, PERIOD);
        vm.startPrank(_stolen);
        expectInsufficientFree(_stolen, 0, 1);
        market.withdraw(_stolen, 1);
        expectInsufficientFree(_stolen, 0, 1);
        market.withdraw(provider, 1);
        vm.stopPrank();
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    // ---------------------------------------------------------------- helpers

    /// @dev At a bid that starts at nothing a claimer stakes most.
    function _openByThief(uint256 nonce) private returns (Job memory job) {
        JobRequest memory request = Defaults.request();
        (request.nonce, request.startBps, request.turnaroundSeconds) = (nonce, 0, 1);
        job = Defaults.job(rival, request);
        vm.prank(rival);
        market.openJob(rival, request, noFills());
    }

    function _allowanceExceeded(uint256 amount, uint256 left) private view returns (bytes memory) {
        return abi.encodeWithSignature("Operators_AllowanceExceeded(address,uint256,uint256)", _stolen, amount, left);
    }

    function _total(address account) private view returns (uint256) {
        return uint256(market.accountOf(account).free) + market.accountOf(account).locked;
    }
}
