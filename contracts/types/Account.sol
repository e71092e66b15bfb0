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
    uint24 offerEpoch;
    /// @dev Whether others bear a part of this provider's collateral.
    bool isBacked;
}

/// @title Accounts in one read and one write
/// @dev The compiler would make one for each field. From the lowest bits up, an Account is 112 bits free, 112 locked, 24
/// of epoch, 8 of which only the lowest is used. The last two are read and written as one: `rest`.
library Accounts {
    using SafeCast for uint256;

    uint256 private constant BACKED_OFFSET = 24;

    function read(Account storage account) internal view returns (uint256 free, uint256 locked, uint256 rest) {
        uint256 word;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := sload(account.slot)
        }
        free = word & type(uint112).max;
        locked = (word >> 112) & type(uint112).max;
        rest = word >> 224;
    }

    /// @notice Reverts if a balance does not fit. `rest` is as it was read.
    function write(Account storage account, uint256 free, uint256 locked, uint256 rest) internal {
        uint256 word = free.toUint112() | (uint256(locked.toUint112()) << 112) | (rest << 224);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(account.slot, word)
        }
    }

    function isBacked(uint256 rest) internal pure returns (bool) {
        return rest >> BACKED_OFFSET != 0;
    }
}
