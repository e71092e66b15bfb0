// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BuyerOperator} from "../types/Operator.sol";

/// @title Hot keys with limits
/// @notice The owner of an account may let other keys work for it. No operator can withdraw, name operators, or raise
/// its own limits.
/// @dev Warning: a provider operator's cap bounds what is at stake at once. What was staked and lost can be staked again
/// from what is free: keep free no more than may be lost before the key is taken back. A buyer operator can accept any
/// lot of the buyer, also of jobs that it did not open.
interface IOperators {
    /// @notice `collateralCap` 0: no longer an operator.
    event ProviderOperatorSet(address indexed owner, address indexed operator, uint112 collateralCap);
    /// @notice `periodSeconds` 0: no longer an operator.
    event BuyerOperatorSet(address indexed owner, address indexed operator, uint96 allowance, uint32 periodSeconds);

    /// @notice `caller` is neither `account` nor an operator of it for this.
    error Operators_NotAuthorised(address caller, address account);
    error Operators_CollateralCapExceeded(address operator, uint256 locked, uint256 cap);
    error Operators_AllowanceExceeded(address operator, uint256 amount, uint256 left);

    /// @notice Lets `operator` offer, claim, submit and release for the caller, so long as no more than `collateralCap`
    /// is locked in the caller's account once it did. 0 ends it.
    function setProviderOperator(address operator, uint112 collateralCap) external;

    /// @notice Lets `operator` open, top up, close and accept for the caller, and demand receipts, spending at most
    /// `allowance` in each period of `periodSeconds`; periods are counted from the epoch, so that two allowances can meet
    /// where one begins. A period of 0 ends it. What was spent so far is forgotten.
    function setBuyerOperator(address operator, uint96 allowance, uint32 periodSeconds) external;

    /// @notice What `setProviderOperator` set; zero if `operator` is none.
    function collateralCapOf(address owner, address operator) external view returns (uint112);

    function buyerOperatorOf(address owner, address operator) external view returns (BuyerOperator memory);
}
