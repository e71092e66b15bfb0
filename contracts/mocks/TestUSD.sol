// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The asset of local and test networks
/// @notice Six decimals and permit, as USDC has. Anyone may mint: it is worth nothing.
contract TestUSD is ERC20, ERC20Permit {
    constructor() ERC20("Millrace Test USD", "TestUSD") ERC20Permit("Millrace Test USD") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
