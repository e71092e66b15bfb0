// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {DemandState} from "../../../contracts/types/Fault.sol";
import {Submission} from "../../../contracts/types/Lot.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {FaultsFixture} from "./FaultsFixture.sol";

/// @title A lot with an honest commitment, of which receipts can be demanded
abstract contract DemandsFixture is FaultsFixture {
    uint256 internal constant INDEX = 4;

    Submission internal submission;
    bytes32 internal lotId;
    /// @dev Encoded: the compiler's legacy pipeline does not copy lists of structs into storage.
    bytes private _book;

    function setUp() public virtual override {
        super.setUp();
        use(honestBook());
        commit(book());
    }

    /// @notice Makes this the book that demands are about.
    function use(Book memory next) internal {
        _book = abi.encode(next);
        submission = Books.submission(next);
        lotId = Hashes.lotId(lot);
    }

    function book() internal view returns (Book memory) {
        return abi.decode(_book, (Book));
    }

    function demand(uint256 index) internal {
        vm.prank(buyer);
        faults.demandReceipt(job, lot, index);
    }

    /// @notice By the provider.
    function answer(uint256 index) internal {
        vm.prank(provider);
        faults.answerReceipt(lot, submission, index, Books.placed(book(), index));
    }

    function assertState(uint256 open, uint256 total, uint256 windowLeft) internal view {
        DemandState memory state = faults.demandsOf(lotId);
        assertEq(state.open, open, "open");
        assertEq(state.total, total, "total");
        assertEq(state.windowLeft, windowLeft, "windowLeft");
        assertEq(state.fee, FEE, "fee");
    }
}
