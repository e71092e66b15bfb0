// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOffers} from "../../../contracts/interfaces/IOffers.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice What went wrong elsewhere.
contract PeersAttacksTest is MarketFixture {
    /// @dev Lilypad's timeouts are called through an interface that its contract does not implement: all of them revert,
    /// and escrow stays locked. Here every exit is called through the interface alone, and works.
    function test_attack_exitsThroughTheInterface() external {
        IMarket exits = IMarket(address(market));
        IFaults demands = IFaults(address(faults));
        (Job memory job, Lot memory lot) = openFilled();

        vm.prank(provider);
        exits.release(lot);
        assertStatus(lot, LotStatus.Open);
        lot = claimReopened(provider, job, lot);
        vm.warp(lot.deadline + 1);
        vm.prank(stranger);
        exits.expire(lot);
        assertStatus(lot, LotStatus.Open);
        lot = claimReopened(provider, job, lot);
        submit(lot);
        vm.prank(buyer);
        demands.demandReceipt(job, lot, 0);
        vm.warp(block.timestamp + 21);
        vm.prank(stranger);
        demands.failDemand(lot, 0);
        assertStatus(lot, LotStatus.Open);
        vm.prank(buyer);
        exits.close(job, listOf(lot));
        assertStatus(lot, LotStatus.None);

        (Job memory bid, ) = openSecond(noFills());
        vm.prank(buyer);
        exits.cancelRemainder(bid);
        (, lot) = openFilledAs(3);
        submit(lot);
        vm.prank(buyer);
        exits.accept(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.None);
        (job, lot) = openFilledAs(4);
        submit(lot);
        vm.prank(buyer);
        demands.demandReceipt(job, lot, 0);
        vm.warp(block.timestamp + 41);
        exits.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.None);
        demands.reclaim(lot);
        _withdrawEverything(ILedger(address(market)));
    }

    function _withdrawEverything(ILedger ledger) private {
        address[5] memory all = [buyer, provider, rival, stranger, vault];
        for (uint256 i = 0; i < all.length; i++) {
            assertEq(ledger.accountOf(all[i]).locked, 0, "locked for good");
            uint256 free = ledger.accountOf(all[i]).free;
            vm.prank(all[i]);
            ledger.withdraw(all[i], free);
            assertEq(asset.balanceOf(all[i]), free);
        }
        assertEq(asset.balanceOf(address(market)), 0, "the market keeps something");
    }

    /// @dev Every function of every interface is there: a call of it fails for a reason of its own, or not at all, never
    /// for want of a function.
    function test_attack_functionsThatAreOnlyInTheInterface() external view {
        bytes4[26] memory selectors = [
            IMarket.openJob.selector,
            IMarket.topUp.selector,
            IMarket.claim.selector,
            IMarket.claimReopened.selector,
            IMarket.cancelRemainder.selector,
            IMarket.close.selector,
            IMarket.release.selector,
            IMarket.expire.selector,
            IMarket.submit.selector,
            IMarket.accept.selector,
            IMarket.settle.selector,
            IMarket.hold.selector,
            IMarket.resume.selector,
            IMarket.slash.selector,
            IMarket.take.selector,
            IMarket.give.selector,
            IMarket.requireTerms.selector,
            IMarket.bidPrice.selector,
            IMarket.reopenedPrice.selector,
            ILedger.deposit.selector,
            ILedger.withdraw.selector,
            IOffers.postOffer.selector,
            IOffers.cancelOffer.selector,
            IOffers.cancelAllOffers.selector,
            IOperators.setProviderOperator.selector,
            IOperators.setBuyerOperator.selector
        ];
        bytes memory code = address(market).code;
        for (uint256 i = 0; i < selectors.length; i++) {
            assertTrue(_contains(code, selectors[i]), "a function is missing");
        }
        assertEq(_contains(code, bytes4(keccak256("refundAfterTimeout(bytes32)"))), false);
    }

    /// @dev Morpheus decodes the user that a provider's approval names and then does not look at it: anyone can use it.
    /// Here the whole offer is what is signed, and the money is that of whoever opens.
    function test_attack_useAnApprovalForSomeoneElse() external {
        (, uint256 key) = makeAccount("provider");
        Offer memory offer = Defaults.offer(provider);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, offerIdOf(offer));
        // A thief redirects the lot to itself, or asks for it in the buyer's name.
        Offer memory stolen = Defaults.offer(rival);
        Fill[] memory fills = fillsOf(stolen, 10);
        fills[0].signature = abi.encodePacked(r, s, v);
        (, Lot[] memory lots) = open(Defaults.request(), fills);
        assertEq(lots.length, 0);

        fills = fillsOf(offer, 10);
        fills[0].signature = abi.encodePacked(r, s, v);
        JobRequest memory request = Defaults.request();
        request.nonce = 2;
        expectNotBuyer(rival);
        vm.prank(rival);
        market.openJob(buyer, request, fills);
    }

    /// @dev Livepeer paid what was there and marked the ticket used: here a lot is paid whole, or stays as it is.
    function test_attack_payInPartAndForgetTheRest() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.warp(block.timestamp + 61);
        // Buyer and provider empty their accounts: what is locked is there all the same.
        vm.startPrank(buyer);
        market.withdraw(buyer, market.accountOf(buyer).free);
        vm.stopPrank();
        vm.startPrank(provider);
        market.withdraw(provider, market.accountOf(provider).free);
        vm.stopPrank();
        market.settle(Defaults.terms(lot), settlements(lot));
        assertAccount(provider, Defaults.COLLATERAL + Defaults.DUE - Defaults.FEE, 0);
        assertAccount(buyer, Defaults.ESCROW - Defaults.DUE, 0);
        assertConserved();
    }

    /// @dev iExec's payout called the beneficiary back: here whoever is paid runs no code, be it as hostile as can be.
    function test_attack_hostileBeneficiaries() external {
        (Job memory job, Lot memory lot) = openFilled();
        address[3] memory parties = [buyer, provider, vault];
        submit(lot);
        // Reverts whatever it is asked.
        for (uint256 i = 0; i < parties.length; i++) vm.etch(parties[i], hex"5f5ffd");
        vm.warp(block.timestamp + 61);
        vm.prank(stranger);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertStatus(lot, LotStatus.None);
        assertEq(jobIdOf(job), lot.jobId);
        assertConserved();
    }

    /// @dev Whether these four bytes are pushed in code: PUSH4 is 0x63.
    function _contains(bytes memory code, bytes4 selector) private pure returns (bool) {
        for (uint256 i = 0; i + 5 <= code.length; i++) {
            if (code[i] != 0x63) continue;
            bytes4 pushed;
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                pushed := mload(add(add(code, 0x21), i))
            }
            if (pushed == selector) return true;
        }
        return false;
    }
}
