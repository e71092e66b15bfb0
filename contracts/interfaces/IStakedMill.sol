// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ILedger} from "./ILedger.sol";

/// @title Staked MILL
/// @notice Whoever stakes MILL votes with it and shares the protocol fee, pro rata to what is staked. The fee arrives as
/// a credit on a market's ledger and is paid out in the market's asset.
///
/// - One staked MILL is one vote, counted by timestamps (ERC-6372, ERC-5805). It cannot be transferred, only staked and
///   unstaked. Delegation moves votes, never fees.
/// - To leave, begin an exit: votes and fee share end at once, the MILL follows after a cooldown. The cooldown is no
///   shorter than a whole vote (IMillraceGovernor), so that nobody is gone before what they voted for is in force.
/// - Fees go to those who have staked when the fees are collected, and every change of anyone's stake collects from
///   `ledger` first: staking just before a collection earns nothing of it. What arrives while nothing is staked is the
///   owner's, the timelock's, or a first staker of 1 wei would get it.
/// - Voting and leaving depend on nobody: a ledger or an asset that fails holds up fees alone.
///
/// @dev Warning: two things a just-in-time staker can still share, for the price of a cooldown without fees: fees of
/// lots that anyone could have settled and nobody did, and credits on ledgers other than `ledger`. Settling and
/// collecting early, which anyone may, leaves them nothing.
/// @dev Warning: fee-on-transfer and rebasing assets are unsupported, and so are assets of which more than 1e41 base
/// units might ever come in. MILL sent here without staking is lost.
interface IStakedMill {
    event Staked(address indexed account, uint256 amount);
    /// @param until When the cooldown of all that is cooling ends; the account can withdraw afterwards.
    event ExitBegun(address indexed account, uint256 amount, uint256 until);
    event ExitCancelled(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    /// @param staked Among how much MILL it was shared out; if none, the owner has it.
    event FeesReceived(uint256 amount, uint256 staked);
    event FeesClaimed(address indexed account, address indexed to, uint256 amount);
    event LedgerSet(ILedger previous, ILedger next);

    error StakedMill_CooldownOutOfBounds(uint256 cooldown, uint256 max);
    error StakedMill_InvalidAsset(IERC20 asset);
    error StakedMill_NotTransferable();
    error StakedMill_NothingCooling(address account);
    error StakedMill_StillCooling(address account, uint256 until);
    error StakedMill_ZeroAmount();

    // ---------------------------------------------------------------- staking

    /// @notice Stakes `amount` of the caller's MILL, in wei, which they must have approved.
    /// @dev Whoever has no delegate becomes their own: undelegated votes count for nobody, and people forget. It touches
    /// nobody else's votes, since nobody can stake for another.
    function stake(uint256 amount) external;

    /// @notice Takes up the caller's EIP-2612 permit, then stakes.
    /// @dev A permit that someone else already submitted is no failure, so long as the allowance is there.
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Unstakes `amount` of the caller's MILL: votes and fee share end now, `withdraw` pays after the cooldown.
    /// @dev An account has one exit. What it adds restarts the cooldown of all that is still cooling; what has cooled
    /// already is paid out first. Only the account itself can add, so nobody can hold up another's exit.
    function beginExit(uint256 amount) external;

    /// @notice Stakes all of the caller's MILL again that has not been withdrawn.
    function cancelExit() external;

    /// @notice Pays the caller the MILL of their exit, once the cooldown is over (t > until).
    function withdraw() external returns (uint256 amount);

    // ---------------------------------------------------------------- fees

    /// @notice Pulls this contract's whole credit out of `from` and shares out all that has come in. Anyone.
    /// @dev `from` need not be trusted: what counts is the asset that is here and was not before.
    /// @return received What was shared out, in base units of the asset.
    function collect(ILedger from) external returns (uint256 received);

    /// @notice Pays all of the caller's fees to `to`, also after they have left.
    function claim(address to) external returns (uint256 amount);

    /// @notice Names the ledger that every change of a stake collects from. The owner: the timelock, after deployment.
    /// @dev Markets are immutable: a vote that moves to a new one names it here. The old one can still be collected.
    function setLedger(ILedger next) external;

    // ---------------------------------------------------------------- views

    /// @notice The MILL token.
    function mill() external view returns (IERC20);

    /// @notice The asset that fees are paid in.
    function asset() external view returns (IERC20);

    /// @notice How long an exit takes, in seconds.
    function cooldown() external view returns (uint256);

    /// @notice The ledger that every change of a stake collects from.
    function ledger() external view returns (ILedger);

    /// @notice What `account` can claim of the fees collected so far, rounded down. A simulated `claim` also counts those
    /// that are not collected yet.
    function claimableOf(address account) external view returns (uint256 amount);

    /// @notice The MILL that `account` has cooling or cooled, and when its cooldown ends.
    function exitOf(address account) external view returns (uint256 amount, uint256 until);
}
