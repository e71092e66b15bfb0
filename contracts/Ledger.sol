// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {FirstLoss} from "./libraries/FirstLoss.sol";
import {Account, Accounts} from "./types/Account.sol";

/// @title The Market's ledger, implemented; what it promises is in ILedger
abstract contract Ledger is ILedger {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using Accounts for Account;

    /// @inheritdoc ILedger
    IERC20 public immutable asset;

    mapping(address account => Account) internal _accounts;

    constructor(IERC20 asset_) {
        require(address(asset_) != address(0), Ledger_ZeroAddress());
        asset = asset_;
    }

    /// @inheritdoc ILedger
    function deposit(address account, uint256 amount) external {
        _deposit(account, amount);
    }

    /// @inheritdoc ILedger
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // Whatever comes of it: a front-runner may have used the permit already, and the transfer below fails if it is
        // truly missing.
        LowLevelCall.callNoReturn(
            address(asset),
            abi.encodeCall(IERC20Permit.permit, (msg.sender, address(this), amount, deadline, v, r, s))
        );
        _deposit(account, amount);
    }

    /// @inheritdoc ILedger
    function withdraw(address to, uint256 amount) external {
        require(to != address(0) && to != address(this), Ledger_ZeroAddress());
        _debit(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        asset.safeTransfer(to, amount);
    }

    /// @inheritdoc ILedger
    function accountOf(address account) external view returns (Account memory) {
        return _accounts[account];
    }

    function _deposit(address account, uint256 amount) private {
        require(account != address(0), Ledger_ZeroAddress());
        _credit(account, amount);
        emit Deposited(account, msg.sender, amount);
        asset.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _credit(address account, uint256 amount) internal {
        _accounts[account].free += amount.toUint112();
    }

    /// @dev free → locked
    function _lock(address account, uint256 amount) internal {
        (bool isLocked, ) = _tryLock(account, amount, amount, type(uint256).max);
        require(isLocked, Ledger_InsufficientFree(account, _accounts[account].free, amount));
    }

    /// @dev free → locked, or false if there is not so much free or more than `cap` would be locked. A backed account locks
    /// its own part alone, `least` at least; others have to bear `backed`.
    function _tryLock(
        address account,
        uint256 amount,
        uint256 least,
        uint256 cap
    ) internal returns (bool isLocked, uint256 backed) {
        Account storage balance = _accounts[account];
        (uint256 free, uint256 locked, uint256 rest) = balance.read();
        if (Accounts.isBacked(rest)) {
            uint256 own = FirstLoss.ownPart(amount, least);
            backed = amount - own;
            amount = own;
        }
        isLocked = free >= amount && locked + amount <= cap;
        if (isLocked) balance.write(free - amount, locked + amount, rest);
    }

    /// @dev Ends a lock of `amount`, and credits what of it returns and what else is due. Over all the accounts of one
    /// settlement, what is credited is what was unlocked.
    function _unlock(address account, uint256 amount, uint256 credited) internal {
        Account storage balance = _accounts[account];
        (uint256 free, uint256 locked, uint256 rest) = balance.read();
        balance.write(free + credited, locked - amount, rest);
    }

    function _debit(address account, uint256 amount) internal {
        Account storage balance = _accounts[account];
        (uint256 free, uint256 locked, uint256 rest) = balance.read();
        require(free >= amount, Ledger_InsufficientFree(account, free, amount));
        balance.write(free - amount, locked, rest);
    }
}
