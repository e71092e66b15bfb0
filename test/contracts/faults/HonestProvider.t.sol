// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {Book, Books} from "./Books.sol";
import {FaultsFixture} from "./FaultsFixture.sol";

/// @notice An honest commitment is safe from calls that are almost a proof, whatever is changed in them.
contract HonestProviderTest is FaultsFixture {
    uint256 private constant PROOFS = 8;

    function testFuzz_attack_noByteOfAnyProofMakesOneOfAnHonestCommitment(
        uint32 count,
        uint256 seed,
        uint256 index,
        uint256[8] calldata where,
        uint256[8] calldata bit
    ) external {
        Book memory book = commitHonest(count, seed);
        index = bound(index, 0, book.receipts.length - 1);
        for (uint256 proof = 0; proof < PROOFS; proof++) {
            bytes memory call = _proofOf(proof, book, index);
            // The selector stays.
            uint256 byteAt = bound(where[proof], 4, call.length - 1);
            call[byteAt] ^= bytes1(uint8(1 << (bit[proof] % 8)));
            _assertRefused(call);
        }
    }

    function testFuzz_attack_noWordOfAnyProofMakesOneOfAnHonestCommitment(
        uint32 count,
        uint256 seed,
        uint256 index,
        uint256[8] calldata where,
        bytes32 value
    ) external {
        Book memory book = commitHonest(count, seed);
        index = bound(index, 0, book.receipts.length - 1);
        bytes32[6] memory values = [
            value,
            bytes32(0),
            bytes32(type(uint256).max),
            PositionalTree.PAD,
            PositionalTree.EMPTY,
            Books.rootOf(book.leaves)
        ];
        for (uint256 proof = 0; proof < PROOFS; proof++) {
            bytes memory call = _proofOf(proof, book, index);
            uint256 word = bound(where[proof], 0, (call.length - 4) / 32 - 1);
            for (uint256 i = 0; i < values.length; i++) {
                bytes memory changed = bytes.concat(call);
                bytes32 to = values[i];
                // solhint-disable-next-line no-inline-assembly
                assembly ("memory-safe") {
                    // Behind the length and the selector; `word` ends within the call.
                    mstore(add(add(changed, 0x24), mul(word, 0x20)), to)
                }
                _assertRefused(changed);
            }
        }
    }

    /// @dev The path of one leaf with the preimage of another, of every pair, as every proof.
    function testFuzz_attack_noOtherLeafPassesForOne(uint32 count, uint256 seed, uint256 index) external {
        count = uint32(bound(count, 1, 9));
        Book memory book = commitHonest(count, seed);
        index = bound(index, 0, count - 1);
        bytes32[] memory leaves = bytes32Copy(book.leaves);
        for (uint256 other = 0; other < count; other++) {
            if (other == index) continue;
            (book.leaves[index], book.leaves[other]) = (book.leaves[other], book.leaves[index]);
            for (uint256 proof = 0; proof < PROOFS; proof++) _assertRefused(_proofOf(proof, book, index));
            book.leaves = bytes32Copy(leaves);
        }
    }

    function _assertRefused(bytes memory call) private {
        // What it reverts with depends on what was changed; that it does not slash is the point.
        // solhint-disable-next-line avoid-low-level-calls
        (bool succeeded, ) = address(faults).call(call);
        assertTrue(!succeeded, "an honest commitment was proven faulty");
        assertStatus(lot, LotStatus.Submitted);
    }

    /// @dev What would prove a fault at `index` if there was one.
    function _proofOf(uint256 proof, Book memory book, uint256 index) private view returns (bytes memory) {
        Submission memory submission = Books.submission(book);
        // The root is the committed one, also where leaves were exchanged.
        submission.root = Books.rootOf(honestBook().leaves);
        uint256 item = lot.firstItem + index;
        if (proof == 0) {
            return
                abi.encodeCall(
                    IFaults.proveTotals,
                    (
                        lot,
                        submission,
                        index,
                        index == 0 ? Books.noLeaf() : Books.placedLeaf(book, index - 1),
                        Books.placed(book, index)
                    )
                );
        }
        if (proof == 1) {
            return
                abi.encodeCall(
                    IFaults.proveLotTotals,
                    (lot, submission, Books.placedLeaf(book, book.leaves.length - 1))
                );
        }
        if (proof == 2) {
            return
                abi.encodeCall(
                    IFaults.proveEmptyLeaf,
                    (lot, submission, index, book.leaves[index], Books.pathOf(book.leaves, index))
                );
        }
        if (proof == 3) {
            return abi.encodeCall(IFaults.proveStatement, (lot, submission, index, Books.placed(book, index)));
        }
        if (proof == 4) {
            return
                abi.encodeCall(
                    IFaults.proveInput,
                    (
                        job,
                        lot,
                        submission,
                        index,
                        Books.placed(book, index),
                        inputLeaves[item],
                        Books.pathOf(inputLeaves, item)
                    )
                );
        }
        if (proof == 5) {
            return abi.encodeCall(IFaults.proveCap, (lot, submission, index, Books.placed(book, index), items[item]));
        }
        if (proof == 6) {
            return abi.encodeCall(IFaults.proveClass, (job, lot, submission, index, Books.placed(book, index), spec()));
        }
        return
            abi.encodeCall(
                IFaults.proveCount,
                (lot, submission, index, Books.placed(book, index), Books.tokenIds(book.receipts[index].outputTokens))
            );
    }

    function bytes32Copy(bytes32[] memory list) internal pure returns (bytes32[] memory) {
        return resized(list, list.length);
    }
}
