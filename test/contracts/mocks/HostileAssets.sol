// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice An asset that calls back whoever sends it, before it moves: the worst that an ERC-777-like token does.
contract ReentrantAsset is ERC20 {
    address private _target;
    bytes private _call;
    /// @dev Whether the last callback went through.
    bool public reentered;

    constructor() ERC20("Reentrant", "REENTRANT") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice The next transfer first has `target` called with `call`.
    function arm(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    function _update(address from, address to, uint256 amount) internal override {
        address target = _target;
        if (target != address(0)) {
            _target = address(0);
            // solhint-disable-next-line avoid-low-level-calls
            (reentered, ) = target.call(_call);
        }
        super._update(from, to, amount);
    }
}

/// @notice An asset that says no instead of reverting, as some old ones do.
contract FalseReturningAsset is ERC20 {
    constructor() ERC20("False", "FALSE") {}

    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @notice An asset without a return value, as USDT is.
contract SilentAsset {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    /// @dev Without allowances: no test is about them.
    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice An asset that keeps a hundredth of what is sent.
contract FeeOnTransferAsset is ERC20 {
    constructor() ERC20("Fee", "FEE") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0), amount / 100);
    }
}
