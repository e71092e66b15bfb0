// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {DemandState} from "../../../contracts/types/Fault.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {InvariantTest} from "../helpers/InvariantTest.sol";
import {vm} from "../helpers/Vm.sol";
import {FaultsHandler} from "./FaultsHandler.sol";

/// @notice The invariants of README.md beside this file that are about faults, one test each. That a fault which is there
/// can be proven, and that an honest answer is taken, the handler checks as it goes.
contract FaultsInvariantTest is InvariantTest {
    FaultsHandler private _handler;
    IFaults private _faults;

    function setUp() external {
        _handler = new FaultsHandler();
        _faults = _handler.faultsHandled();
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = FaultsHandler.submitLot.selector;
        selectors[1] = FaultsHandler.settleLot.selector;
        selectors[2] = FaultsHandler.proveFault.selector;
        selectors[3] = FaultsHandler.attack.selector;
        selectors[4] = FaultsHandler.demand.selector;
        selectors[5] = FaultsHandler.answer.selector;
        selectors[6] = FaultsHandler.failDemand.selector;
        selectors[7] = FaultsHandler.reclaim.selector;
        selectors[8] = FaultsHandler.challenge.selector;
        selectors[9] = FaultsHandler.dismiss.selector;
        selectors[10] = FaultsHandler.pass.selector;
        target(address(_handler), selectors);
    }

    function afterInvariant() external {
        report("Faults", _handler);
    }

    function invariant_anHonestProviderIsNeverSlashed() external view {
        for (uint256 i = 0; i < _handler.entriesCount(); i++) {
            if (!_handler.entryAt(i).isHonest) continue;
            assertTrue(_handler.statusAt(i) != LotStatus.Open, "an honest lot was slashed");
        }
    }

    function invariant_feesHeldAreThoseOfOpenDemands() external view {
        assertEq(_handler.feesHeld(), _openFees(), "fees");
        _handler.checkConserved();
    }

    function invariant_demandsAreWithinTheirLimits() external view {
        for (uint256 i = 0; i < _handler.entriesCount(); i++) {
            FaultsHandler.Entry memory entry = _handler.entryAt(i);
            DemandState memory state = _faults.demandsOf(Hashes.lotId(entry.lot));
            assertLe(state.open, 3, "open at once");
            // Nine items at most: four levels below the root.
            assertLe(state.total, entry.lot.itemCount == 1 ? 1 : 5, "in all");
            if (_handler.statusAt(i) == LotStatus.Demanded) assertGe(state.open, 1, "held for nothing");
        }
    }

    /// @dev What it changes is undone by the runner.
    function invariant_everyDemandHasAnExit() external {
        for (uint256 i = 0; i < _handler.entriesCount(); i++) {
            FaultsHandler.Entry memory entry = _handler.entryAt(i);
            if (_faults.demandsOf(Hashes.lotId(entry.lot)).open == 0) continue;
            // The provider alone, or anyone: settles once the hold is over. The buyer gets back what nobody earned.
            if (_handler.statusAt(i) == LotStatus.Demanded) {
                if (block.timestamp < _handler.settleableAt(i)) vm.warp(_handler.settleableAt(i));
                _handler.settleAt(i);
            }
            _faults.reclaim(entry.lot);
        }
        assertEq(_handler.feesHeld(), 0, "fees without an exit");
    }

    function _openFees() private view returns (uint256 fees) {
        for (uint256 i = 0; i < _handler.entriesCount(); i++) {
            DemandState memory state = _faults.demandsOf(Hashes.lotId(_handler.entryAt(i).lot));
            fees += uint256(state.open) * state.fee;
        }
    }
}
