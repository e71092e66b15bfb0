// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IOperators} from "./interfaces/IOperators.sol";
import {BuyerOperator} from "./types/Operator.sol";

/// @title Hot keys with limits, implemented; what they may do is in IOperators
abstract contract Operators is IOperators {
    using SafeCast for uint256;

    mapping(address owner => mapping(address operator => uint112)) private _collateralCaps;
    mapping(address owner => mapping(address operator => BuyerOperator)) private _buyerOperators;

    /// @inheritdoc IOperators
    function setProviderOperator(address operator, uint112 collateralCap) external {
        _collateralCaps[msg.sender][operator] = collateralCap;
        emit ProviderOperatorSet(msg.sender, operator, collateralCap);
    }

    /// @inheritdoc IOperators
    function setBuyerOperator(address operator, uint96 allowance, uint32 periodSeconds) external {
        _buyerOperators[msg.sender][operator] = BuyerOperator({
            allowance: allowance,
            periodSeconds: periodSeconds,
            period: 0,
            spent: 0
        });
        emit BuyerOperatorSet(msg.sender, operator, allowance, periodSeconds);
    }

    /// @inheritdoc IOperators
    function collateralCapOf(address owner, address operator) external view returns (uint112) {
        return _collateralCaps[owner][operator];
    }

    /// @inheritdoc IOperators
    function buyerOperatorOf(address owner, address operator) external view returns (BuyerOperator memory) {
        return _buyerOperators[owner][operator];
    }

    /// @dev The most that `owner` may have locked once `by` locked something for them: no limit for themselves, zero for
    /// who is no operator.
    function _collateralCap(address owner, address by) internal view returns (uint256) {
        return by == owner ? type(uint256).max : _collateralCaps[owner][by];
    }

    function _requireProvider(address owner) internal view returns (uint256 cap) {
        cap = _collateralCap(owner, msg.sender);
        require(cap != 0, Operators_NotAuthorised(msg.sender, owner));
    }

    function _requireBuyer(address owner) internal view {
        require(
            msg.sender == owner || _buyerOperators[owner][msg.sender].periodSeconds != 0,
            Operators_NotAuthorised(msg.sender, owner)
        );
    }

    /// @dev Requires that `by` may spend `amount` for `owner`, and counts it.
    function _spend(address owner, address by, uint256 amount) internal {
        if (by == owner) return;
        BuyerOperator memory operator = _buyerOperators[owner][by];
        require(operator.periodSeconds != 0, Operators_NotAuthorised(by, owner));
        // 32 bits hold seconds until 2106, and a period is at least one.
        uint32 period = (block.timestamp / operator.periodSeconds).toUint32();
        uint256 spent = operator.period == period ? operator.spent : 0;
        uint256 left = operator.allowance - spent;
        require(amount <= left, Operators_AllowanceExceeded(by, amount, left));
        operator.period = period;
        // At most the 96-bit allowance.
        operator.spent = uint96(spent + amount);
        _buyerOperators[owner][by] = operator;
    }
}
