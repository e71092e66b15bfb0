// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {StakedMill} from "../../../contracts/governance/StakedMill.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Account} from "../../../contracts/types/Account.sol";

/// @notice A staker that is a ledger as well: asked for a credit that it does not have, it calls back.
contract FakeLedger {
    IERC20 public immutable asset;
    StakedMill private immutable STAKED;
    bytes[] private _calls;
    /// @dev How many of the callbacks went through.
    uint256 public reentered;

    constructor(StakedMill staked) {
        STAKED = staked;
        asset = staked.asset();
        staked.mill().approve(address(staked), type(uint256).max);
    }

    /// @notice What to call `staked` with at the next withdrawal.
    function arm(bytes[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; i++) _calls.push(calls[i]);
    }

    function stake(uint256 amount) external {
        STAKED.stake(amount);
    }

    function claim(address to) external {
        STAKED.claim(to);
    }

    function attack() external {
        STAKED.collect(ILedger(address(this)));
    }

    function accountOf(address) external pure returns (Account memory account) {
        account.free = 1_000_000;
    }

    function withdraw(address, uint256) external {
        bytes[] memory calls = _calls;
        delete _calls;
        for (uint256 i = 0; i < calls.length; i++) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool succeeded, ) = address(STAKED).call(calls[i]);
            if (succeeded) reentered++;
        }
    }
}

/// @notice Burns all the gas that it gets.
contract BurningLedger {
    IERC20 public immutable asset;

    constructor(IERC20 asset_) {
        asset = asset_;
    }

    function accountOf(address) external pure returns (Account memory) {
        // An invalid opcode takes what is left.
        assembly {
            invalid()
        }
    }
}

/// @notice Answers with nothing where an account is expected.
contract MuteLedger {
    IERC20 public immutable asset;

    constructor(IERC20 asset_) {
        asset = asset_;
    }

    fallback() external {}
}

/// @notice An asset whose issuer freezes and seizes, as issuers of real ones can.
contract IssuedAsset is ERC20 {
    mapping(address => bool) public frozen;

    constructor() ERC20("Issued", "ISSUED") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function seize(address from, uint256 amount) external {
        _burn(from, amount);
    }

    function freeze(address account, bool isFrozen) external {
        frozen[account] = isFrozen;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        require(!frozen[msg.sender] && !frozen[to], "frozen");
        return super.transfer(to, amount);
    }
}
