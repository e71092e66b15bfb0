// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {FaultKind} from "../../../contracts/types/Fault.sol";
import {LotStatus} from "../../../contracts/types/Lot.sol";
import {Book} from "./Books.sol";
import {FaultsFixture} from "./FaultsFixture.sol";
import {Case, Proofs} from "./Proofs.sol";

/// @notice An honest commitment is safe from calls that are almost a proof, whatever is changed in them.
contract HonestProviderTest is FaultsFixture {
    function testFuzz_attack_noByteOfAnyProofMakesOneOfAnHonestCommitment(
        uint32 count,
        uint256 seed,
        uint256 index,
        uint256[8] calldata where,
        uint256[8] calldata bit
    ) external {
        commitHonest(count, seed);
        Case memory honest = honestCase();
        index = bound(index, 0, lot.itemCount - 1);
        for (uint256 proof = 0; proof < Proofs.COUNT; proof++) {
            bytes memory call = Proofs.encode(FaultKind(proof), honest, index);
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
        commitHonest(count, seed);
        Case memory honest = honestCase();
        index = bound(index, 0, lot.itemCount - 1);
        bytes32[6] memory values = [
            value,
            bytes32(0),
            bytes32(type(uint256).max),
            PositionalTree.PAD,
            PositionalTree.EMPTY,
            honest.submission.root
        ];
        for (uint256 proof = 0; proof < Proofs.COUNT; proof++) {
            bytes memory call = Proofs.encode(FaultKind(proof), honest, index);
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
        commitHonest(uint32(bound(count, 1, 9)), seed);
        index = bound(index, 0, lot.itemCount - 1);
        for (uint256 other = 0; other < lot.itemCount; other++) {
            if (other == index) continue;
            // The submission stays the one that was committed to.
            Case memory honest = honestCase();
            Book memory book = honest.book;
            (book.leaves[index], book.leaves[other]) = (book.leaves[other], book.leaves[index]);
            for (uint256 proof = 0; proof < Proofs.COUNT; proof++) {
                _assertRefused(Proofs.encode(FaultKind(proof), honest, index));
            }
        }
    }

    function _assertRefused(bytes memory call) private {
        // What it reverts with depends on what was changed; that it does not slash is the point.
        // solhint-disable-next-line avoid-low-level-calls
        (bool succeeded, ) = address(faults).call(call);
        assertTrue(!succeeded, "an honest commitment was proven faulty");
        assertStatus(lot, LotStatus.Submitted);
    }
}
