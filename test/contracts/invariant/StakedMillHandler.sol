// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IStakedMill} from "../../../contracts/interfaces/IStakedMill.sol";
import {BareLedger, GovernanceFixture} from "../governance/GovernanceFixture.sol";
import {FakeLedger} from "../governance/HostileParts.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Everything that anyone may do to staked MILL, at random
/// @notice Four accounts, a staker that calls back out of a false ledger, and the owner. Fees come in over the ledger,
/// over another one, and by plain transfers. A refused call is counted and forgotten.
contract StakedMillHandler is GovernanceFixture, CallCounter {
    /// @dev Resolution of `dueOf`.
    uint256 private constant SCALE = 1e18;

    address[] public actors;
    BareLedger private _other;
    FakeLedger private _fake;

    /// @notice How many calls there were, an upper bound of the units that rounding can move.
    uint256 public acts;

    /// @notice The asset that came in for stakers, on a ledger or here, and what they took.
    uint256 public paid;
    uint256 public claimed;
    mapping(address account => uint256) public claimedBy;
    /// @notice Whose claimable fell by more than they got, or nobody.
    address public robbed;
    /// @dev The asset held when fees were last shared out.
    uint256 private _held;
    /// @dev Each account's part of all fees shared out, times SCALE, reckoned apart from the contract.
    mapping(address account => uint256) private _due;

    constructor() {
        fixture();
        _other = new BareLedger(asset);
        _fake = new FakeLedger(staked);
        mill.transfer(address(_fake), HOLDING);
        mill.transfer(stranger, HOLDING);
        vm.prank(stranger);
        mill.approve(address(staked), type(uint256).max);
        actors.push(alice);
        actors.push(bob);
        actors.push(carol);
        actors.push(stranger);
        actors.push(address(_fake));
        actors.push(address(timelock));
    }

    // ---------------------------------------------------------------- staking

    function stake(uint256 by, uint256 amount) external {
        _actAndShare("stake", _actor(by), abi.encodeCall(IStakedMill.stake, (_amount(amount))));
    }

    function stakeWithPermit(uint256 amount, bool spoiled) external {
        amount = _amount(amount);
        vm.prank(alice);
        mill.approve(address(staked), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(spoiled ? amount + 1 : amount, type(uint256).max);
        bytes memory call = abi.encodeCall(IStakedMill.stakeWithPermit, (amount, type(uint256).max, v, r, s));
        _actAndShare("stakeWithPermit", alice, call);
        vm.prank(alice);
        mill.approve(address(staked), type(uint256).max);
    }

    function beginExit(uint256 by, uint256 amount, bool all) external {
        address actor = _actor(by);
        amount = all ? staked.balanceOf(actor) : _amount(amount);
        _actAndShare("beginExit", actor, abi.encodeCall(IStakedMill.beginExit, (amount)));
    }

    function cancelExit(uint256 by) external {
        _actAndShare("cancelExit", _leaver(by), abi.encodeCall(IStakedMill.cancelExit, ()));
    }

    function withdrawMill(uint256 by, bool patient) external {
        address actor = _leaver(by);
        (, uint256 until) = staked.exitOf(actor);
        if (patient && block.timestamp <= until) vm.warp(until + 1);
        _act("withdrawMill", actor, abi.encodeCall(IStakedMill.withdraw, ()));
    }

    function delegate(uint256 by, uint256 to) external {
        address delegatee = to % 8 == 0 ? address(0) : _actor(to);
        _act("delegate", _actor(by), abi.encodeCall(IVotes.delegate, (delegatee)));
    }

    // ---------------------------------------------------------------- fees

    function payFee(uint256 amount, uint256 how) external {
        amount = how % 2 == 0 ? bound(amount, 0, 20) : bound(amount, 0, 1e15);
        paid += amount;
        asset.mint(address(this), amount);
        asset.approve(address(ledger), amount);
        asset.approve(address(_other), amount);
        if (how % 5 < 3) ledger.deposit(address(staked), amount);
        else if (how % 5 == 3) _other.deposit(address(staked), amount);
        else asset.transfer(address(staked), amount);
    }

    function collect(uint256 by, uint256 which) external {
        ILedger from = which % 3 == 0 ? _other : ledger;
        _actAndShare("collect", _actor(by), abi.encodeCall(IStakedMill.collect, (from)));
    }

    /// @dev While it is being collected from, the false ledger does something of its own.
    function collectFake(uint256 by, uint256 what, uint256 amount) external {
        bytes[] memory armed = new bytes[](1);
        amount = _amount(amount);
        if (what % 5 == 0) armed[0] = abi.encodeCall(IStakedMill.stake, (amount));
        if (what % 5 == 1) armed[0] = abi.encodeCall(IStakedMill.beginExit, (amount));
        if (what % 5 == 2) armed[0] = abi.encodeCall(IStakedMill.cancelExit, ());
        if (what % 5 == 3) armed[0] = abi.encodeCall(IStakedMill.claim, (address(_fake)));
        if (what % 5 == 4) armed[0] = abi.encodeCall(IStakedMill.collect, (ledger));
        _fake.arm(armed);
        _actAndShare("collectFake", _actor(by), abi.encodeCall(IStakedMill.collect, (ILedger(address(_fake)))));
    }

    function claimFees(uint256 by) external {
        address actor = _actor(by);
        _actAndShare("claimFees", actor, abi.encodeCall(IStakedMill.claim, (actor)));
    }

    function setLedger(uint256 which) external {
        ILedger next =
            which % 4 == 0
                ? ILedger(address(_fake))
                : which % 4 == 1
                    ? _other
                    : ledger;
        _actAndShare("setLedger", address(timelock), abi.encodeCall(IStakedMill.setLedger, (next)));
    }

    function passDays(uint256 elapsed) external {
        vm.warp(block.timestamp + bound(elapsed, 1, 3 days));
    }

    // ---------------------------------------------------------------- what holds

    function stakedHandled() external view returns (StakedMill) {
        return staked;
    }

    function millHeld() external view returns (uint256) {
        return mill.balanceOf(address(staked));
    }

    function assetHeld() external view returns (uint256) {
        return asset.balanceOf(address(staked));
    }

    function credits() external view returns (uint256) {
        return uint256(ledger.accountOf(address(staked)).free) + uint256(_other.accountOf(address(staked)).free);
    }

    /// @notice What `account` should have had of all fees, in base units, but for rounding.
    function dueOf(address account) external view returns (uint256) {
        return _due[account] / SCALE;
    }

    function collectAll() external {
        staked.collect(ledger);
        staked.collect(_other);
    }

    function actorsCount() external view returns (uint256) {
        return actors.length;
    }

    // ---------------------------------------------------------------- helpers

    /// @dev A call that shares out all that has come in, by the balances before it.
    function _actAndShare(string memory name, address by, bytes memory call) private {
        uint256 supply = staked.totalSupply();
        uint256[] memory balances = new uint256[](actors.length);
        for (uint256 i = 0; i < actors.length; i++) balances[i] = staked.balanceOf(actors[i]);
        uint256 claimedBefore = claimed;

        if (!_act(name, by, call)) return;

        uint256 held = asset.balanceOf(address(staked));
        uint256 shared = held + (claimed - claimedBefore) - _held;
        _held = held;
        if (supply == 0) _due[address(timelock)] += shared * SCALE;
        else for (uint256 i = 0; i < actors.length; i++) _due[actors[i]] += (shared * SCALE * balances[i]) / supply;
    }

    /// @dev Calls staked MILL as `by`, and watches what everyone has and can claim.
    function _act(string memory name, address by, bytes memory call) private returns (bool succeeded) {
        uint256[] memory claimable = new uint256[](actors.length);
        uint256[] memory balances = new uint256[](actors.length);
        for (uint256 i = 0; i < actors.length; i++) {
            claimable[i] = staked.claimableOf(actors[i]);
            balances[i] = asset.balanceOf(actors[i]);
        }

        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, ) = address(staked).call(call);
        acts++;
        _count(name, succeeded);

        for (uint256 i = 0; i < actors.length; i++) {
            uint256 got = asset.balanceOf(actors[i]) - balances[i];
            claimed += got;
            claimedBy[actors[i]] += got;
            if (staked.claimableOf(actors[i]) + got < claimable[i]) robbed = actors[i];
        }
    }

    function _actor(uint256 seed) private view returns (address) {
        return actors[seed % actors.length];
    }

    /// @dev Someone with an exit, if there is one; once in eight anyone, since refusals are worth trying.
    function _leaver(uint256 seed) private view returns (address actor) {
        actor = _actor(seed);
        for (uint256 i = 0; seed % 8 != 0 && i < actors.length; i++) {
            (uint256 amount, ) = staked.exitOf(actor);
            if (amount != 0) break;
            actor = _actor((seed % actors.length) + i + 1);
        }
    }

    /// @dev Now a few wei, now a good part of a holding, now and then nothing.
    function _amount(uint256 seed) private pure returns (uint256) {
        return seed % 2 == 0 ? (seed >> 1) % 10 : (seed >> 1) % (HOLDING / 4);
    }
}
