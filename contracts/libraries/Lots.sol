// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Lot, LotRange, LotTerms} from "../types/Lot.sol";

/// @title The two parts of a lot that a caller brings along
library Lots {
    /// @dev A Lot begins with the 10 words of its terms.
    function terms(Lot calldata lot) internal pure returns (LotTerms calldata terms_) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            terms_ := lot
        }
    }

    /// @dev The 7 words of its range follow.
    function range(Lot calldata lot) internal pure returns (LotRange calldata range_) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            range_ := add(lot, 0x140)
        }
    }
}
