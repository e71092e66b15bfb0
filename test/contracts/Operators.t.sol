// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../contracts/interfaces/IOffers.sol";
import {IOperators} from "../../contracts/interfaces/IOperators.sol";
import {Job, JobRequest} from "../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../contracts/types/Lot.sol";
import {FillSkip, Offer} from "../../contracts/types/Offer.sol";
import {BuyerOperator} from "../../contracts/types/Operator.sol";
import {Defaults} from "./helpers/Defaults.sol";
import {MarketFixture} from "./helpers/MarketFixture.sol";
import {vm} from "./helpers/Vm.sol";

contract OperatorsTest is MarketFixture {
    /// @dev Divides START, so that a period begins there.
    uint32 private constant PERIOD = 1_000;

    address private _operator;

    function setUp() public override {
        fixture();
        _operator = makeAddr("operator");
    }

    // ---------------------------------------------------------------- naming them

    function test_setProviderOperator_records() external {
        vm.expectEmit(address(market));
        emit IOperators.ProviderOperatorSet(provider, _operator, 7);
        _hireProvider(7);
        assertEq(market.collateralCapOf(provider, _operator), 7);
        assertEq(market.collateralCapOf(rival, _operator), 0);
        assertEq(market.collateralCapOf(provider, stranger), 0);
    }

    function test_setBuyerOperator_records() external {
        vm.expectEmit(address(market));
        emit IOperators.BuyerOperatorSet(buyer, _operator, 70, 7);
        _hireBuyer(70, 7);
        _assertBuyerOperator(BuyerOperator({allowance: 70, periodSeconds: 7, period: 0, spent: 0}));
        assertEq(market.buyerOperatorOf(rival, _operator).periodSeconds, 0);
    }

    function test_setBuyerOperator_forgetsWhatWasSpent() external {
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        _open(1);
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        _assertBuyerOperator(
            BuyerOperator({allowance: uint96(Defaults.ESCROW), periodSeconds: PERIOD, period: 0, spent: 0})
        );
        _open(2);
    }

    // ---------------------------------------------------------------- providers' operators

    function test_providerOperator_worksForTheProvider() external {
        _hireProvider(uint112(Defaults.COLLATERAL));
        Offer memory offer = Defaults.offer(provider);
        vm.prank(_operator);
        bytes32 offerId = market.postOffer(offer);
        assertEq(market.offerState(offerId).postedBy, _operator);
        (Job memory job, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 5));
        assertEq(lots[0].provider, provider);

        vm.startPrank(_operator);
        market.release(lots[0]);
        market.claimReopened(provider, job, lots[0], Defaults.PROVIDER_KEY);
        market.cancelOffer(offer);
        market.cancelAllOffers(provider);
        vm.stopPrank();
        assertEq(market.offerState(offerId).cancelled, true);
        assertEq(market.accountOf(provider).offerEpoch, 1);
        assertAccount(_operator, 0, 0);
    }

    function test_providerOperator_submits() external {
        (, Lot memory lot) = openFilled();
        _hireProvider(1);
        vm.prank(_operator);
        market.submit(Defaults.terms(lot), deliveries(lot, Defaults.submission()));
        assertStatus(lot, LotStatus.Submitted);
    }

    function test_providerOperator_claimsUpToTheCap() external {
        Job memory job = openBid();
        // Five items at half the limit are worth less than the least collateral.
        _hireProvider(20_000);
        vm.startPrank(_operator);
        market.claim(provider, job, 5, Defaults.PROVIDER_KEY);
        market.claim(provider, job, 5, Defaults.PROVIDER_KEY);
        vm.stopPrank();
        assertAccount(provider, Defaults.DEPOSIT - 20_000, 20_000);
    }

    function test_providerOperator_neverClaimsBeyondTheCap() external {
        Job memory job = openBid();
        _hireProvider(19_999);
        vm.startPrank(_operator);
        market.claim(provider, job, 5, Defaults.PROVIDER_KEY);
        vm.expectRevert(
            abi.encodeWithSelector(IOperators.Operators_CollateralCapExceeded.selector, _operator, 20_000, 19_999)
        );
        market.claim(provider, job, 5, Defaults.PROVIDER_KEY);
        vm.stopPrank();
    }

    function test_providerOperator_neverReclaimsBeyondTheCap() external {
        (Job memory job, Lot memory failed) = openExpired();
        _hireProvider(uint112(Defaults.COLLATERAL - 1));
        vm.expectRevert(
            abi.encodeWithSelector(
                IOperators.Operators_CollateralCapExceeded.selector,
                _operator,
                Defaults.COLLATERAL,
                Defaults.COLLATERAL - 1
            )
        );
        vm.prank(_operator);
        market.claimReopened(provider, job, failed, Defaults.PROVIDER_KEY);
    }

    /// @dev Whatever locked it: the cap is on the account, so that what an operator can lose is bounded.
    function test_providerOperator_countsWhatTheOwnerLocked() external {
        openFilled();
        _hireProvider(uint112(Defaults.COLLATERAL + 9_999));
        (Job memory job, ) = openSecond(noFills());
        vm.expectRevert(
            abi.encodeWithSelector(
                IOperators.Operators_CollateralCapExceeded.selector,
                _operator,
                Defaults.COLLATERAL + 10_000,
                Defaults.COLLATERAL + 9_999
            )
        );
        vm.prank(_operator);
        market.claim(provider, job, 5, Defaults.PROVIDER_KEY);
        // The owner has no cap.
        claim(provider, job, 5);
    }

    function test_providerOperator_cannotDoTheBuyersPart() external {
        Job memory job = openBid();
        vm.prank(buyer);
        market.setProviderOperator(_operator, type(uint112).max);
        _expectNoBuyerOperator(job);
    }

    // ---------------------------------------------------------------- offers of operators

    function test_operatorsOffer_isFilledUpToTheCap() external {
        _hireProvider(uint112(Defaults.COLLATERAL));
        Offer memory offer = _postByOperator();
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 1);
        assertEq(lots[0].provider, provider);
    }

    function test_operatorsOffer_isSkippedBeyondTheCap() external {
        _hireProvider(uint112(Defaults.COLLATERAL - 1));
        _assertSkipped(_postByOperator(), FillSkip.NoCollateral);
    }

    function test_operatorsOffer_isVoidOnceTheyAreRemoved() external {
        _hireProvider(type(uint112).max);
        Offer memory offer = _postByOperator();
        _hireProvider(0);
        _assertSkipped(offer, FillSkip.NotAuthorised);
    }

    function test_operatorsOffer_isValidAgainOnceTheyAreBack() external {
        _hireProvider(type(uint112).max);
        Offer memory offer = _postByOperator();
        _hireProvider(0);
        _hireProvider(uint112(Defaults.COLLATERAL));
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 1);
    }

    function test_ownersOffer_hasNoCap() external {
        _hireProvider(1);
        (, Lot memory lot) = openFilled();
        assertEq(lot.collateral, Defaults.COLLATERAL);
    }

    // ---------------------------------------------------------------- buyers' operators

    function test_buyerOperator_worksForTheBuyer() external {
        _hireBuyer(1_000_000, PERIOD);
        Job memory job = _open(1);
        Lot memory lot = claim(provider, job, 5);
        submit(lot);
        vm.startPrank(_operator);
        market.accept(Defaults.terms(lot), settlements(lot));
        market.topUp(job, 1_000_000, 2_000_001, noLots());
        job.request.outputLimitPerMillion++;
        market.cancelRemainder(job);
        market.close(job, noLots());
        vm.stopPrank();
        assertEq(market.accountOf(buyer).locked, 0);
        assertAccount(_operator, 0, 0);
        assertConserved();
    }

    function test_buyerOperator_spendsTheWholeAllowance() external {
        _hireBuyer(uint96(2 * Defaults.ESCROW), PERIOD);
        _open(1);
        _open(2);
        _assertBuyerOperator(
            BuyerOperator({
                allowance: uint96(2 * Defaults.ESCROW),
                periodSeconds: PERIOD,
                period: uint32(Defaults.START / PERIOD),
                spent: uint96(2 * Defaults.ESCROW)
            })
        );
    }

    function test_buyerOperator_neverSpendsMore() external {
        _hireBuyer(uint96(2 * Defaults.ESCROW - 1), PERIOD);
        _open(1);
        _expectAllowanceExceeded(Defaults.ESCROW, Defaults.ESCROW - 1);
        _open(2);
    }

    function test_buyerOperator_hasTheAllowanceToTheLastSecondOfThePeriod() external {
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        _open(1);
        vm.warp(Defaults.START + PERIOD - 1);
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(2);
        vm.warp(Defaults.START + PERIOD);
        _open(2);
    }

    /// @dev As IOperators says: periods are counted from the epoch.
    function test_buyerOperator_canSpendTwoAllowancesWhereAPeriodBegins() external {
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        vm.warp(Defaults.START + PERIOD - 1);
        _open(1);
        vm.warp(Defaults.START + PERIOD);
        _open(2);
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(3);
    }

    function test_buyerOperator_doesNotSaveUpAllowances() external {
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        vm.warp(Defaults.START + 10 * PERIOD);
        _open(1);
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(2);
    }

    function test_buyerOperator_spendsBySecondsToo() external {
        _hireBuyer(uint96(Defaults.ESCROW), 1);
        _open(1);
        vm.warp(block.timestamp + 1);
        _open(2);
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(3);
    }

    function test_buyerOperator_spendsByTheLongestPeriod() external {
        _hireBuyer(uint96(Defaults.ESCROW), type(uint32).max);
        _open(1);
        vm.warp(type(uint32).max - 1);
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(2);
    }

    function test_buyerOperator_paysTopUpsFromTheAllowance() external {
        _hireBuyer(uint96(Defaults.ESCROW + 9_999), PERIOD);
        Job memory job = _open(1);
        // 10 × 1,000 tokens at one base unit a thousand more.
        _expectAllowanceExceeded(10_000, 9_999);
        vm.prank(_operator);
        market.topUp(job, 2_000_000, 2_000_000, noLots());
    }

    function test_buyerOperator_getsNothingBackByClosing() external {
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        Job memory job = _open(1);
        vm.prank(_operator);
        market.close(job, noLots());
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(2);
    }

    function test_buyerOperator_ofEachAccountIsCountedApart() external {
        _hireBuyer(uint96(Defaults.ESCROW), PERIOD);
        vm.prank(rival);
        market.setBuyerOperator(_operator, uint96(Defaults.ESCROW), PERIOD);
        _open(1);
        vm.prank(_operator);
        market.openJob(rival, Defaults.request(), noFills());
        assertEq(market.accountOf(rival).locked, Defaults.ESCROW);
    }

    function test_buyerOperator_isNoneOnceRemoved() external {
        _hireBuyer(type(uint96).max, PERIOD);
        Job memory job = _open(1);
        _hireBuyer(type(uint96).max, 0);
        _expectNoBuyerOperator(job);
    }

    function test_buyerOperator_withoutAllowanceOpensFreeJobsOnly() external {
        _hireBuyer(0, PERIOD);
        JobRequest memory request = Defaults.request();
        (request.promptLimitPerMillion, request.outputLimitPerMillion) = (0, 0);
        vm.prank(_operator);
        market.openJob(buyer, request, noFills());
        _expectAllowanceExceeded(Defaults.ESCROW, 0);
        _open(2);
    }

    function test_buyerOperator_cannotDoTheProvidersPart() external {
        (Job memory job, Lot memory lot) = openFilled();
        vm.prank(provider);
        market.setBuyerOperator(_operator, type(uint96).max, PERIOD);
        _expectNoProviderOperator(job, lot);
    }

    /// @dev Over any calls in any seconds, what is spent in one period is at most the allowance.
    function testFuzz_buyerOperator_staysWithinTheAllowance(
        uint96 allowance,
        uint32 period,
        uint32[6] memory pauses
    ) external {
        allowance = uint96(bound(allowance, 0, 4 * Defaults.ESCROW));
        period = uint32(bound(period, 1, 2_000));
        _hireBuyer(allowance, period);
        uint256 current;
        uint256 spent;
        for (uint256 i = 0; i < pauses.length; i++) {
            vm.warp(block.timestamp + (pauses[i] % 1_000));
            if (block.timestamp / period != current) (current, spent) = (block.timestamp / period, 0);
            JobRequest memory request = Defaults.request();
            request.nonce = i;
            vm.prank(_operator);
            try market.openJob(buyer, request, noFills()) {
                spent += Defaults.ESCROW;
            } catch {
                assertGe(spent + Defaults.ESCROW, uint256(allowance) + 1, "refused within the allowance");
            }
            assertLe(spent, allowance, "more than the allowance");
        }
    }

    // ---------------------------------------------------------------- what none may do

    function test_operators_neverWithdraw() external {
        _hireProvider(type(uint112).max);
        _hireBuyer(type(uint96).max, PERIOD);
        vm.prank(buyer);
        market.setProviderOperator(_operator, type(uint112).max);
        // There is no way to name another's account: a withdrawal is the caller's own.
        expectInsufficientFree(_operator, 0, 1);
        vm.prank(_operator);
        market.withdraw(_operator, 1);
        assertEq(abi.encodeCall(ILedger.withdraw, (_operator, 1)).length, 4 + 64, "an account can be named");
    }

    function test_operators_neverRaiseTheirOwnLimits() external {
        _hireProvider(1);
        _hireBuyer(1, PERIOD);
        // What an operator sets is for their own account.
        vm.startPrank(_operator);
        market.setProviderOperator(_operator, type(uint112).max);
        market.setBuyerOperator(_operator, type(uint96).max, PERIOD);
        vm.stopPrank();
        assertEq(market.collateralCapOf(provider, _operator), 1);
        _assertBuyerOperator(BuyerOperator({allowance: 1, periodSeconds: PERIOD, period: 0, spent: 0}));
        _expectAllowanceExceeded(Defaults.ESCROW, 1);
        _open(1);
    }

    function test_operators_nameNoOperators() external {
        _hireProvider(type(uint112).max);
        vm.prank(_operator);
        market.setProviderOperator(stranger, type(uint112).max);
        (Job memory job, Lot memory lot) = openFilled();
        assertEq(market.collateralCapOf(provider, stranger), 0);
        _operator = stranger;
        _expectNoProviderOperator(job, lot);
    }

    function test_providerOperator_isNoneOnceRemoved() external {
        (Job memory job, Lot memory lot) = openFilled();
        _hireProvider(type(uint112).max);
        _hireProvider(0);
        _expectNoProviderOperator(job, lot);
    }

    // ---------------------------------------------------------------- helpers

    function _hireProvider(uint112 cap) private {
        vm.prank(provider);
        market.setProviderOperator(_operator, cap);
    }

    function _hireBuyer(uint96 allowance, uint32 period) private {
        vm.prank(buyer);
        market.setBuyerOperator(_operator, allowance, period);
    }

    function _open(uint256 nonce) private returns (Job memory job) {
        JobRequest memory request = Defaults.request();
        request.nonce = nonce;
        job = Defaults.job(buyer, request);
        vm.prank(_operator);
        market.openJob(buyer, request, noFills());
    }

    function _postByOperator() private returns (Offer memory offer) {
        offer = Defaults.offer(provider);
        vm.prank(_operator);
        market.postOffer(offer);
    }

    function _assertSkipped(Offer memory offer, FillSkip reason) private {
        bytes32 offerId = offerIdOf(offer);
        bytes32 jobId = market.jobIdOf(buyer, 1);
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(jobId, offerId, 10, reason);
        (, Lot[] memory lots) = open(Defaults.request(), fillsOf(offer, 10));
        assertEq(lots.length, 0);
        assertAccount(provider, Defaults.DEPOSIT, 0);
    }

    function _assertBuyerOperator(BuyerOperator memory expected) private view {
        assertEq(
            keccak256(abi.encode(market.buyerOperatorOf(buyer, _operator))),
            keccak256(abi.encode(expected)),
            "buyer operator"
        );
    }

    function _expectAllowanceExceeded(uint256 amount, uint256 left) private {
        vm.expectRevert(
            abi.encodeWithSelector(IOperators.Operators_AllowanceExceeded.selector, _operator, amount, left)
        );
    }

    function _expectNoBuyerOperator(Job memory job) private {
        // So that the job is not refused for being there already.
        JobRequest memory request = Defaults.request();
        request.nonce = 99;
        bytes[5] memory refused = [
            abi.encodeCall(IMarket.openJob, (buyer, request, noFills())),
            abi.encodeCall(IMarket.topUp, (job, 2_000_000, 2_000_000, noLots())),
            abi.encodeCall(IMarket.cancelRemainder, (job)),
            abi.encodeCall(IMarket.close, (job, noLots())),
            abi.encodeCall(IMarket.accept, (Defaults.terms(_anyLot()), settlements(_anyLot())))
        ];
        for (uint256 i = 0; i < refused.length; i++) _expectRefused(refused[i], buyer);
    }

    function _expectNoProviderOperator(Job memory job, Lot memory lot) private {
        Offer memory offer = Defaults.offer(provider);
        offer.salt = 99;
        bytes[7] memory refused = [
            abi.encodeCall(IOffers.postOffer, (offer)),
            abi.encodeCall(IOffers.cancelOffer, (offer)),
            abi.encodeCall(IOffers.cancelAllOffers, (provider)),
            abi.encodeCall(IMarket.claim, (provider, job, 5, Defaults.PROVIDER_KEY)),
            abi.encodeCall(IMarket.claimReopened, (provider, job, lot, Defaults.PROVIDER_KEY)),
            abi.encodeCall(IMarket.release, (lot)),
            abi.encodeCall(IMarket.submit, (Defaults.terms(lot), deliveries(lot, Defaults.submission())))
        ];
        for (uint256 i = 0; i < refused.length; i++) _expectRefused(refused[i], provider);
    }

    function _expectRefused(bytes memory call, address owner) private {
        vm.prank(_operator);
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, bytes memory reason) = address(market).call(call);
        assertTrue(!passed, "an operator without leave");
        assertEq(
            keccak256(reason),
            keccak256(abi.encodeWithSelector(IOperators.Operators_NotAuthorised.selector, _operator, owner))
        );
    }

    function _anyLot() private view returns (Lot memory lot) {
        lot.buyer = buyer;
    }
}
