// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBackers} from "../../../contracts/interfaces/IBackers.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Seats} from "../../../contracts/Seats.sol";

/// @title Seats whose cases are what a test says
/// @notice What a court does with them from within, anyone can do here from without.
contract SeatsHarness is Seats {
    constructor(IBackers backers_) Seats(backers_) {}

    /// @notice This, as the Market takes it.
    function asCourt() external view returns (ICourt) {
        return ICourt(address(this));
    }

    function drawJury(Draw memory draw) external returns (uint32[] memory) {
        return _drawJury(draw);
    }

    function settleSeat(uint32 seatId, uint256 reserve, uint256 penalty, uint256 pay) external {
        _settleSeat(seatId, reserve, penalty, pay);
    }

    function drawnAt(bytes32 caseId, uint256 index) external view returns (uint32) {
        return _drawnAt(caseId, index);
    }

    function drawnCount(bytes32 caseId) external view returns (uint256) {
        return _drawnCount(caseId);
    }

    function voterOf(uint32 seatId) external view returns (address) {
        return _voterOf(seatId);
    }
}
