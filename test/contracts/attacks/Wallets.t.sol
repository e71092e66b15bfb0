// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {FillSkip, Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {HostileWallet, WalletMode} from "../mocks/Wallets.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Contract wallets that are asked about a signature and do something else.
contract WalletAttacksTest is MarketFixture {
    /// @dev What one look at a signature may cost the buyer beside a plain skip: 100,000 gas, and the call.
    uint256 private constant LOOK_GAS = 130_000;

    HostileWallet private _wallet;

    function setUp() public override {
        fixture();
        _wallet = new HostileWallet();
        fund(address(_wallet), Defaults.DEPOSIT);
    }

    function test_attack_walletThatSaysYesIsTaken() external {
        _assertTaken();
    }

    function test_attack_walletThatReverts() external {
        _assertSkipped(WalletMode.Revert);
    }

    function test_attack_walletThatAnswersWithLessThanAWord() external {
        _assertSkipped(WalletMode.Short);
    }

    /// @dev The byte that it leaves out is read as what was there: of this address, a zero, as the answer would have it.
    function test_attack_walletThatAnswersWithLessThanAWordWhereTheRestFits() external {
        address account = address(0xabc00);
        vm.etch(account, address(_wallet).code);
        _wallet = HostileWallet(account);
        fund(account, Defaults.DEPOSIT);
        _assertSkipped(WalletMode.Short);
    }

    function test_attack_walletThatSaysYesAndReverts() external {
        _assertSkipped(WalletMode.RevertingWord);
    }

    function test_attack_walletThatAnswersWithMoreThanTheMagicValue() external {
        _assertSkipped(WalletMode.Dirty);
    }

    function test_attack_walletThatBurnsAllGasCostsABoundedAmount() external {
        _assertCostIsBounded(WalletMode.BurnGas);
    }

    function test_attack_walletThatAnswersWithABlobCostsABoundedAmount() external {
        _assertCostIsBounded(WalletMode.Blob);
    }

    function test_attack_walletThatRevertsWithABlobCostsABoundedAmount() external {
        _assertCostIsBounded(WalletMode.RevertingBlob);
    }

    /// @dev A look changes nothing: it is a static call.
    function test_attack_walletThatReentersChangesNothing() external {
        Job memory bid = openBid();
        (, Lot memory lot) = openFilledAs(2);
        bytes[6] memory calls = [
            abi.encodeCall(ILedger.withdraw, (address(_wallet), 1)),
            abi.encodeCall(IOffers.cancelAllOffers, (address(_wallet))),
            abi.encodeCall(IMarket.claim, (address(_wallet), bid, 5, Defaults.PROVIDER_KEY)),
            abi.encodeCall(IMarket.openJob, (address(_wallet), Defaults.request(), noFills())),
            abi.encodeCall(IMarket.settle, (Defaults.terms(lot), settlements(lot))),
            abi.encodeCall(IOffers.postOffer, (_offer()))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            JobRequest memory request = Defaults.request();
            request.nonce = 10 + i;
            _wallet.arm(WalletMode.ReenterOrRefuse, address(market), calls[i]);
            (, Lot[] memory lots) = open(request, _fills(1));
            assertEq(lots.length, 0);
            _wallet.arm(WalletMode.Reenter, address(market), calls[i]);
            request.nonce = 20 + i;
            (, lots) = open(request, _fills(1));
            assertEq(lots.length, 1);
        }
        assertEq(asset.balanceOf(address(_wallet)), 0);
        assertEq(market.accountOf(address(_wallet)).offerEpoch, 0);
    }

    /// @dev It may look at the market meanwhile, which is nobody's harm.
    function test_attack_walletThatReadsTheMarketMeanwhile() external {
        _wallet.arm(WalletMode.ReenterOrRefuse, address(market), abi.encodeCall(ILedger.accountOf, (buyer)));
        (, Lot[] memory lots) = open(Defaults.request(), _fills(1));
        assertEq(lots.length, 1);
    }

    /// @dev However little gas comes along, an offer that is good is taken or the whole call fails: an estimate of gas
    /// cannot end at a job whose wallet had too little to look.
    function test_attack_starveTheWalletOfGas() external {
        Fill[] memory fills = _fills(1);
        uint256 taken;
        for (uint256 gas_ = 120_000; gas_ < 400_000; gas_ += 4_000) {
            JobRequest memory request = Defaults.request();
            request.nonce = gas_;
            vm.prank(buyer);
            try market.openJob{gas: gas_}(buyer, request, fills) returns (bytes32 jobId) {
                assertEq(market.jobState(jobId).openItems, 9, "a good offer was skipped");
                taken++;
            } catch {}
        }
        assertGe(taken, 1, "never taken");
    }

    /// @dev The identity precompile answers whatever it is asked with the question, which starts with the magic value.
    function test_attack_offerOfAPrecompileThatEchoes() external {
        for (uint160 precompile = 1; precompile < 18; precompile++) {
            Offer memory offer = Defaults.offer(address(precompile));
            fund(offer.provider, Defaults.DEPOSIT);
            JobRequest memory request = Defaults.request();
            request.nonce = precompile;
            Fill[] memory fills = fillsOf(offer, 10);
            fills[0].signature = hex"01";
            _expectSkipped(offer, request.nonce, 10);
            (, Lot[] memory lots) = open(request, fills);
            assertEq(lots.length, 0);
        }
    }

    /// @dev The Market itself has credits of nobody, and takes no signature.
    function test_attack_offerOfTheMarketAndOfArbiters() external {
        address[4] memory nobodies = [address(market), address(faults), address(court), address(asset)];
        for (uint256 i = 0; i < nobodies.length; i++) {
            Offer memory offer = Defaults.offer(nobodies[i]);
            JobRequest memory request = Defaults.request();
            request.nonce = i;
            Fill[] memory fills = fillsOf(offer, 10);
            fills[0].signature = hex"01";
            _expectSkipped(offer, i, 10);
            open(request, fills);
        }
    }

    // ---------------------------------------------------------------- helpers

    function _offer() private view returns (Offer memory) {
        return Defaults.offer(address(_wallet));
    }

    /// @dev So many offers of the wallet's, one item of each.
    function _fills(uint256 count) private view returns (Fill[] memory fills) {
        fills = new Fill[](count);
        for (uint256 i = 0; i < count; i++) {
            Offer memory offer = _offer();
            offer.salt = uint64(i);
            fills[i] = fillOf(offer, 1);
            fills[i].signature = hex"01";
        }
    }

    function _assertTaken() private {
        (, Lot[] memory lots) = open(Defaults.request(), _fills(1));
        assertEq(lots.length, 1);
        assertEq(lots[0].provider, address(_wallet));
    }

    function _expectSkipped(Offer memory offer, uint256 nonce, uint256 items) private {
        vm.expectEmit(address(market));
        emit IOffers.FillSkipped(market.jobIdOf(buyer, nonce), offerIdOf(offer), items, FillSkip.NotAuthorised);
    }

    function _assertSkipped(WalletMode mode) private {
        _wallet.setMode(mode);
        _expectSkipped(_offer(), 1, 1);
        (, Lot[] memory lots) = open(Defaults.request(), _fills(1));
        assertEq(lots.length, 0);
        assertAccount(address(_wallet), Defaults.DEPOSIT, 0);
    }

    /// @dev Of ten such wallets in one call, each costs what one does.
    function _assertCostIsBounded(WalletMode mode) private {
        Fill[] memory fills = _fills(10);
        JobRequest memory request = Defaults.request();
        _wallet.setMode(WalletMode.Refuse);
        vm.startPrank(buyer);
        uint256 before = gasleft();
        market.openJob(buyer, request, fills);
        uint256 plain = before - gasleft();

        _wallet.setMode(mode);
        request.nonce = 2;
        before = gasleft();
        market.openJob(buyer, request, fills);
        uint256 spoilt = before - gasleft();
        vm.stopPrank();
        assertLe(spoilt, plain + fills.length * LOOK_GAS, "a wallet spends the buyer's gas");
    }
}
