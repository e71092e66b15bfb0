// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Account} from "../types/Account.sol";

/// @title The Market's internal ledger
/// @notice One balance per address, `free` and `locked`, in base units of one ERC-20 asset. Payments move credits, never
/// tokens; tokens move only in `deposit` and, pulled by their owner, in `withdraw`.
/// @dev Warning: fee-on-transfer and rebasing assets are unsupported.
interface ILedger {
    event Deposited(address indexed account, address indexed from, uint256 amount);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice An arbiter took a fee or a bond, or gave one back.
    event CreditMoved(address indexed from, address indexed to, uint256 amount);

    error Ledger_InsufficientFree(address account, uint256 free, uint256 needed);
    error Ledger_ZeroAddress();

    /// @notice The asset in which this market prices, stakes and settles.
    function asset() external view returns (IERC20);

    /// @notice The balance of `account`, in base units.
    function accountOf(address account) external view returns (Account memory);

    /// @notice Credits `account` with `amount`, taken from the caller, who must have approved it.
    function deposit(address account, uint256 amount) external;

    /// @notice Takes up `amount` of the caller's own tokens with an EIP-2612 permit, then deposits them to `account`.
    /// @dev A permit that someone else already submitted is no failure, so long as the allowance is there.
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Sends `amount` of the caller's free balance to `to`. Never paused.
    function withdraw(address to, uint256 amount) external;
}
