// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Job} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Settlement, Submission} from "../../../contracts/types/Lot.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @notice Attempts to be paid, or to pay, for other results than were committed to.
contract CommitmentAttacksTest is MarketFixture {
    /// @dev Any bit of what a settlement says about results.
    function test_attack_settleWithOtherResults(uint8 word, uint8 bit) external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        vm.warp(block.timestamp + 61);
        Settlement[] memory list = settlements(lot);
        uint256 which = bound(word, 0, 3);
        if (which == 0) list[0].resultsDigest ^= bytes32(uint256(1) << bit);
        if (which == 1) list[0].totals.promptTokens ^= uint64(1) << (bit % 64);
        if (which == 2) list[0].totals.outputTokens ^= uint64(1) << (bit % 64);
        if (which == 3) list[0].totals.errors ^= uint32(1) << (bit % 32);
        expectSkipped(lot, LotStatus.Submitted);
        market.settle(Defaults.terms(lot), list);
        expectSkipped(lot, LotStatus.Submitted);
        vm.prank(buyer);
        market.accept(Defaults.terms(lot), list);
        assertStatus(lot, LotStatus.Submitted);
        assertAccount(provider, Defaults.DEPOSIT - Defaults.COLLATERAL, Defaults.COLLATERAL);
    }

    /// @dev Any bit of what was submitted makes another commitment.
    function test_attack_oneCommitmentForTwoSubmissions(uint8 word, uint8 bit) external {
        (, Lot memory lot) = openFilled();
        Submission memory other = Defaults.submission();
        uint256 which = bound(word, 0, 5);
        bytes32 mask = bytes32(uint256(1) << bit);
        if (which == 0) other.root ^= mask;
        if (which == 1) other.resultsHash ^= mask;
        if (which == 2) other.resultsKeyHash ^= mask;
        if (which == 3) other.totals.promptTokens ^= uint64(1) << (bit % 64);
        if (which == 4) other.totals.outputTokens ^= uint64(1) << (bit % 64);
        if (which == 5) other.totals.errors = 1;
        submit(lot, other);
        bytes26 commitment = market.lotState(Hashes.lotId(lot)).commitment();
        (, Lot memory second) = openFilledAs(2);
        submit(second);
        vm.warp(block.timestamp + 61);
        expectSkipped(lot, LotStatus.Submitted);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertTrue(commitment != market.lotState(Hashes.lotId(second)).commitment(), "one commitment");
        market.settle(Defaults.terms(lot), settlements(lot, other));
        assertStatus(lot, LotStatus.None);
    }

    /// @dev The same results for two lots are two commitments: what was paid once proves nothing for the other.
    function test_attack_oneSetOfResultsForTwoLots() external {
        (, Lot memory first, Lot memory second) = openFilledInTwo();
        submit(first);
        submit(second);
        assertTrue(
            market.lotState(Hashes.lotId(first)).commitment() != market.lotState(Hashes.lotId(second)).commitment(),
            "one commitment for two lots"
        );
    }

    /// @dev A re-assigned lot has another id, so a commitment to it never settles the one before, nor the other way.
    function test_attack_commitmentOfAnEarlierAttempt() external {
        (Job memory job, Lot memory failed) = openFilled();
        submit(failed);
        holdLot(failed, block.timestamp + 10);
        slashLot(failed, stranger, 0);
        Lot memory lot = claimReopened(rival, job, failed);
        vm.warp(block.timestamp + 1_000);
        expectSkipped(failed, LotStatus.None);
        market.settle(Defaults.terms(failed), settlements(failed));
        expectSkipped(lot, LotStatus.Assigned);
        market.settle(Defaults.terms(lot), settlements(lot));
        assertAccount(rival, Defaults.DEPOSIT - lot.collateral, lot.collateral);
    }

    /// @dev Totals with bits beyond their fields could be committed to and then never be settled.
    function test_attack_submitTotalsThatCannotBeSettled(uint8 bit) external {
        (, Lot memory lot) = openFilled();
        bytes memory call = abi.encodeCall(
            IMarket.submit,
            (Defaults.terms(lot), deliveries(lot, Defaults.submission()))
        );
        // The last three words are the totals; the highest 192 bits of each are to spare.
        uint256 word = call.length - 96 + 32 * (bit % 3);
        call[word + (bit % 24)] ^= bytes1(uint8(1 << (bit % 8)));
        vm.prank(provider);
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, ) = address(market).call(call);
        assertTrue(!passed, "committed to totals that no settlement can name");
        assertStatus(lot, LotStatus.Assigned);
    }

    /// @dev Nobody submits for a lot whose provider they are not, whatever terms they bring.
    function test_attack_submitForAnother() external {
        (, Lot memory lot) = openFilled();
        expectNotProvider(rival);
        vm.prank(rival);
        market.submit(Defaults.terms(lot), deliveries(lot, Defaults.submission()));
        Lot memory claimed = abi.decode(abi.encode(lot), (Lot));
        claimed.provider = rival;
        expectSkipped(claimed, LotStatus.None);
        vm.prank(rival);
        market.submit(Defaults.terms(claimed), deliveries(claimed, Defaults.submission()));
        assertStatus(lot, LotStatus.Assigned);
    }

    /// @dev Nobody accepts for a buyer that they are not, whatever terms they bring.
    function test_attack_acceptForAnother() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        expectNotBuyer(provider);
        vm.prank(provider);
        market.accept(Defaults.terms(lot), settlements(lot));
        Lot memory claimed = abi.decode(abi.encode(lot), (Lot));
        claimed.buyer = provider;
        expectSkipped(claimed, LotStatus.None);
        vm.prank(provider);
        market.accept(Defaults.terms(claimed), settlements(claimed));
        assertStatus(lot, LotStatus.Submitted);
    }

    function test_attack_overturnAnAcceptedLot() external {
        (, Lot memory lot) = openFilled();
        submit(lot);
        accept(lot);
        expectWrongStatus(lot, LotStatus.None);
        holdLot(lot, block.timestamp + 10);
        expectWrongStatus(lot, LotStatus.None);
        slashLot(lot, buyer, 0);
        expectWrongStatus(lot, LotStatus.None);
        vm.prank(address(faults));
        market.slash(lot, buyer, 0);
        assertAccount(provider, Defaults.DEPOSIT + Defaults.DUE - Defaults.FEE, 0);
    }
}
