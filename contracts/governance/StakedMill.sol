// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC6372Utils} from "@openzeppelin/contracts/utils/ERC6372Utils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IStakedMill} from "../interfaces/IStakedMill.sol";

/// @title Staked MILL, implemented; what it promises is in IStakedMill
/// @dev Rounding loses nothing. At any time, to the unit, with each sum over all accounts:
/// `_accounted` × SCALE = SCALE × Σ `_claimable` + Σ balance × (`_feesPerShare` − `_settledPerShare`) + `_dust`.
contract StakedMill is IStakedMill, ERC20Votes, Ownable {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    struct Exit {
        uint208 amount;
        uint48 until;
    }

    /// @dev One base unit shared among all MILL there is, 1e27 wei, still adds 1e9 to the fees per share.
    uint256 private constant SCALE = 1e36;

    /// @dev Longer than the longest vote that MillraceGovernor allows.
    uint256 private constant MAX_COOLDOWN = 90 days;

    /// @inheritdoc IStakedMill
    IERC20 public immutable mill;
    /// @inheritdoc IStakedMill
    IERC20 public immutable asset;
    /// @inheritdoc IStakedMill
    uint256 public immutable cooldown;

    /// @inheritdoc IStakedMill
    ILedger public ledger;

    /// @dev Of the asset here, what has been shared out and not claimed.
    uint256 private _accounted;
    /// @dev What one wei of staked MILL has earned since the beginning, times SCALE.
    uint256 private _feesPerShare;
    /// @dev What rounding left over, times SCALE; the next fees take it along.
    uint256 private _dust;
    mapping(address account => uint256) private _settledPerShare;
    mapping(address account => uint256) private _claimable;
    mapping(address account => Exit) private _exits;

    constructor(
        IERC20 mill_,
        IERC20 asset_,
        uint256 cooldown_,
        address owner_
    ) ERC20("Staked Millrace", "sMILL") EIP712("Staked Millrace", "1") Ownable(owner_) {
        // Fees and stakes in one token could not be told apart.
        require(address(asset_) != address(0) && address(asset_) != address(mill_), StakedMill_InvalidAsset(asset_));
        require(cooldown_ != 0 && cooldown_ <= MAX_COOLDOWN, StakedMill_CooldownOutOfBounds(cooldown_, MAX_COOLDOWN));
        mill = mill_;
        asset = asset_;
        cooldown = cooldown_;
    }

    // ---------------------------------------------------------------- staking

    /// @inheritdoc IStakedMill
    function stake(uint256 amount) external {
        _stake(amount);
    }

    /// @inheritdoc IStakedMill
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // A front-runner may have used the permit already; the transfer fails if it is truly missing.
        try IERC20Permit(address(mill)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(amount);
    }

    /// @inheritdoc IStakedMill
    function beginExit(uint256 amount) external {
        require(amount != 0, StakedMill_ZeroAmount());
        Exit storage exit = _exits[msg.sender];
        if (exit.amount != 0 && block.timestamp > exit.until) _withdraw(exit);
        _burn(msg.sender, amount);
        exit.amount += amount.toUint208();
        exit.until = (block.timestamp + cooldown).toUint48();
        emit ExitBegun(msg.sender, amount, exit.until);
    }

    /// @inheritdoc IStakedMill
    function cancelExit() external {
        uint256 amount = _exits[msg.sender].amount;
        require(amount != 0, StakedMill_NothingCooling(msg.sender));
        delete _exits[msg.sender];
        _mint(msg.sender, amount);
        emit ExitCancelled(msg.sender, amount);
    }

    /// @inheritdoc IStakedMill
    function withdraw() external returns (uint256 amount) {
        Exit storage exit = _exits[msg.sender];
        require(exit.amount != 0, StakedMill_NothingCooling(msg.sender));
        require(block.timestamp > exit.until, StakedMill_StillCooling(msg.sender, exit.until));
        return _withdraw(exit);
    }

    // ---------------------------------------------------------------- fees

    /// @inheritdoc IStakedMill
    function collect(ILedger from) external returns (uint256 received) {
        uint256 credit = from.accountOf(address(this)).free;
        if (credit != 0) from.withdraw(address(this), credit);
        return _accrue();
    }

    /// @inheritdoc IStakedMill
    function claim(address to) external returns (uint256 amount) {
        _settle(msg.sender);
        amount = _claimable[msg.sender];
        _claimable[msg.sender] = 0;
        emit FeesClaimed(msg.sender, to, amount);
        asset.safeTransfer(to, amount);
        // Not before the transfer: to whom an asset calls meanwhile, what is leaving would look newly received.
        _accounted -= amount;
    }

    /// @inheritdoc IStakedMill
    function setLedger(ILedger next) external onlyOwner {
        IERC20 paid = next.asset();
        require(address(paid) == address(asset), StakedMill_InvalidAsset(paid));
        _collect();
        emit LedgerSet(ledger, next);
        ledger = next;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IStakedMill
    function claimableOf(address account) external view returns (uint256 amount) {
        return _claimable[account] + _unsettled(account) / SCALE;
    }

    /// @inheritdoc IStakedMill
    function exitOf(address account) external view returns (uint256 amount, uint256 until) {
        Exit storage exit = _exits[account];
        return (exit.amount, exit.until);
    }

    /// @notice Seconds: the market's deadlines are timestamps, and blocks come at no steady pace on rollups.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice ERC-6372's name of that clock.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public view override returns (string memory) {
        return ERC6372Utils.timestampClockMode(clock);
    }

    // ---------------------------------------------------------------- internal

    /// @dev Only minted and burnt, and fees up to now go by the balances up to now.
    function _update(address from, address to, uint256 amount) internal override {
        require(from == address(0) || to == address(0), StakedMill_NotTransferable());
        _settle(from == address(0) ? to : from);
        super._update(from, to, amount);
    }

    function _stake(uint256 amount) private {
        require(amount != 0, StakedMill_ZeroAmount());
        if (delegates(msg.sender) == address(0)) _delegate(msg.sender, msg.sender);
        _mint(msg.sender, amount);
        emit Staked(msg.sender, amount);
        mill.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Of the caller's exit.
    function _withdraw(Exit storage exit) private returns (uint256 amount) {
        amount = exit.amount;
        exit.amount = 0;
        emit Withdrawn(msg.sender, amount);
        mill.safeTransfer(msg.sender, amount);
    }

    /// @dev Moves what `account` has earned to what it can claim.
    function _settle(address account) private {
        _collect();
        uint256 earned = _unsettled(account);
        _settledPerShare[account] = _feesPerShare;
        _claimable[account] += earned / SCALE;
        _dust += earned % SCALE;
    }

    /// @dev Whatever the ledger does: nobody is kept from voting or leaving by it. Nor can a caller have it fail by
    /// giving little gas, since it has 63 times the gas that the caller needs afterwards.
    function _collect() private {
        try this.collect(ledger) {} catch {
            _accrue();
        }
    }

    /// @dev Shares out what has come in. An asset that loses balance stops fees, not exits.
    function _accrue() private returns (uint256 received) {
        received = Math.saturatingSub(asset.balanceOf(address(this)), _accounted);
        if (received == 0) return 0;
        _accounted += received;
        uint256 staked = totalSupply();
        if (staked == 0) {
            _claimable[owner()] += received;
        } else {
            uint256 fees = received * SCALE + _dust;
            _feesPerShare += fees / staked;
            _dust = fees % staked;
        }
        emit FeesReceived(received, staked);
    }

    /// @dev Times SCALE. Cannot overflow where `_accrue` did not: the account's balance was part of what was staked.
    function _unsettled(address account) private view returns (uint256) {
        return balanceOf(account) * (_feesPerShare - _settledPerShare[account]);
    }
}
