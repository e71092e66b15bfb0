// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "../../../contracts/interfaces/IArbiter.sol";
import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {Lot} from "../../../contracts/types/Lot.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";

/// @title A court that does what a test tells it
/// @notice Stands in for the real one where the Market's seams are tested, and nowhere else.
contract TestCourt is ICourt {
    IMarket public market;
    /// @notice What it says its jurors are owed when a fault pre-empts a case.
    uint256 public cost;
    bytes32[] public preempted;

    /// @inheritdoc IArbiter
    function bind() external {
        require(address(market) == address(0), Arbiter_AlreadyBound(address(market)));
        market = IMarket(msg.sender);
    }

    /// @inheritdoc ICourt
    function preempt(bytes32 lotId) external returns (uint256) {
        preempted.push(lotId);
        return cost;
    }

    function setCost(uint256 next) external {
        cost = next;
    }

    function challenge(Lot calldata lot, uint40 until) external returns (uint40 windowEnd) {
        return market.hold(lot, until);
    }

    function dismiss(Lot calldata lot, uint40 windowEnd) external {
        market.resume(lot, windowEnd);
    }

    function uphold(Lot calldata lot, address challenger, uint256 juryCost) external {
        market.slash(lot, challenger, juryCost);
    }

    function void(
        Lot calldata lot,
        bytes32 resultsDigest,
        Totals calldata totals,
        Totals calldata voided,
        uint256 juryCost
    ) external returns (uint256) {
        return market.void(lot, resultsDigest, totals, voided, juryCost);
    }

    function take(address account, uint256 amount) external {
        market.take(account, msg.sender, amount);
    }

    function give(address account, uint256 amount) external {
        market.give(account, amount);
    }
}
