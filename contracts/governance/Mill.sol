// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The governance token
/// @notice A fixed supply of 1,000,000,000 MILL with 18 decimals, all of it the holder's at first. Nobody can mint or
/// burn. Votes and fees come from staking it (IStakedMill).
contract Mill is ERC20, ERC20Permit {
    constructor(address holder) ERC20("Millrace", "MILL") ERC20Permit("Millrace") {
        _mint(holder, 1_000_000_000e18);
    }
}
