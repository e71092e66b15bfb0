// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One address's balance in the Market, in base units of the asset. One slot.
struct Account {
    /// @dev Withdrawable now.
    uint112 free;
    /// @dev A buyer's escrow and a provider's collateral.
    uint112 locked;
    /// @dev Offers of an earlier epoch are void.
    uint32 offerEpoch;
}

/// @title Accounts in one read and one write
/// @dev The compiler would make one for each field. From the lowest bits up, an Account is 112 bits free, 112 locked, 32
/// of epoch.
library Accounts {
    using SafeCast for uint256;

    function read(Account storage account) internal view returns (uint256 free, uint256 locked, uint256 epoch) {
        uint256 word;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := sload(account.slot)
        }
        free = word & type(uint112).max;
        locked = (word >> 112) & type(uint112).max;
        epoch = word >> 224;
    }

    /// @notice Reverts if a balance does not fit. `epoch` is as it was read.
    function write(Account storage account, uint256 free, uint256 locked, uint256 epoch) internal {
        uint256 word = free.toUint112() | (uint256(locked.toUint112()) << 112) | (epoch << 224);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(account.slot, word)
        }
    }
}
