// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Job} from "../types/Job.sol";
import {Lot, LotRange, LotTerms, Submission} from "../types/Lot.sol";
import {Offer} from "../types/Offer.sol";
import {Item, Receipt, Totals} from "../types/Receipt.sol";

/// @title Every type hash and encoding of the protocol
/// @notice EIP-712 struct hashes. Matched by `protocol/src/hashes.ts` and by `protocol/vectors/hashes.json`.
library Hashes {
    bytes32 internal constant OFFER_TYPEHASH = keccak256(
        "Offer(address provider,bytes32 modelId,bytes32 encryptionKey,uint64 promptPricePerMillion,uint64 outputPricePerMillion,uint32 capacityItems,uint32 minLotItems,uint32 maxLotItems,uint96 minLotValue,uint32 maxPromptTokens,uint32 maxOutputTokens,uint32 minTurnaroundSeconds,uint40 validUntil,uint32 epoch,uint64 salt)"
    );
    bytes32 internal constant LOT_TYPEHASH = keccak256(
        "Lot(bytes32 jobId,address buyer,address provider,uint64 promptPricePerMillion,uint64 outputPricePerMillion,uint40 graceEndsAt,uint40 deadline,uint32 windowSeconds,uint16 feeBps,uint16 bountyBps,uint32 firstItem,uint32 itemCount,uint16 attempt,uint96 escrow,uint96 collateral,uint96 penalty,uint96 releaseCharge)"
    );
    bytes32 internal constant JOB_TYPEHASH = keccak256(
        "Job(address buyer,uint40 openedAt,uint32 parametersVersion,uint256 nonce,bytes32 modelId,bytes32 inputRoot,bytes32 auditRoot,bytes32 encryptionKey,address auditor,uint32 itemCount,uint32 promptTokensCap,uint32 outputTokensCap,uint64 promptLimitPerMillion,uint64 outputLimitPerMillion,uint16 startBps,uint32 rampSeconds,uint32 turnaroundSeconds,uint32 minLotItems,uint96 minLotValue)"
    );
    bytes32 internal constant ITEM_TYPEHASH = keccak256(
        "Item(uint32 index,bytes32 requestHash,uint32 promptTokensCap,uint32 outputTokensCap,bytes32 samplerHash,bytes32 requesterSeed,bytes32 salt)"
    );
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(uint8 version,bytes32 jobId,uint32 itemIndex,bytes32 classHash,bytes32 inputLeaf,bytes32 promptTokensHash,bytes32 outputTokensHash,uint32 promptTokens,uint32 outputTokens,uint8 stopReason,bytes32 fingerprintHash,bytes32 salt)"
    );
    bytes32 internal constant RECEIPT_LEAF_TYPEHASH = keccak256(
        "ReceiptLeaf(bytes32 receiptHash,uint64 promptTokens,uint64 outputTokens,uint32 errors)"
    );
    bytes32 internal constant RESULTS_TYPEHASH = keccak256(
        "Results(bytes32 root,bytes32 resultsHash,bytes32 resultsKeyHash)"
    );
    bytes32 internal constant COMMITMENT_TYPEHASH = keccak256(
        "Commitment(bytes32 lotId,bytes32 resultsDigest,uint64 promptTokens,uint64 outputTokens,uint32 errors)"
    );

    /// @notice A job's id. Not a counter: counters shift under reorgs.
    function jobId(address market, address buyer, uint256 nonce) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, market, buyer, nonce));
    }

    /// @notice The hash of a job's terms: EIP-712, with the request's fields in line.
    /// @dev The 3 words of the job itself but for the pointer, then the 16 of its request. The free memory is only scratch.
    function hashJob(Job memory job) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = JOB_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mcopy(add(free, 0x20), job, 0x60)
            mcopy(add(free, 0x80), mload(add(job, 0x60)), 0x200)
            structHash := keccak256(free, 0x280)
        }
    }

    /// @notice The same for terms that a caller brings along; see `lotIdCalldata`.
    function hashJobCalldata(Job calldata job) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = JOB_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            // A Job is 19 words.
            calldatacopy(add(free, 0x20), job, 0x260)
            structHash := keccak256(free, 0x280)
        }
    }

    /// @notice The hash of a job's terms with other limit prices.
    function hashJobRaised(
        Job calldata job,
        uint64 promptLimitPerMillion,
        uint64 outputLimitPerMillion
    ) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = JOB_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            calldatacopy(add(free, 0x20), job, 0x260)
            // The limits are words 12 and 13 of a Job.
            mstore(add(free, 0x1a0), promptLimitPerMillion)
            mstore(add(free, 0x1c0), outputLimitPerMillion)
            structHash := keccak256(free, 0x280)
        }
    }

    /// @dev See `lotIdCalldata`.
    function hashOffer(Offer calldata offer) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = OFFER_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            // An Offer is 15 words.
            calldatacopy(add(free, 0x20), offer, 0x1e0)
            structHash := keccak256(free, 0x200)
        }
    }

    /// @notice A lot's id. Its job's id binds chain and Market.
    /// @dev A flat struct lies in memory as it is encoded. The free memory is only scratch.
    function lotId(Lot memory lot) internal pure returns (bytes32 id) {
        bytes32 typeHash = LOT_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            // A Lot is 17 words.
            mcopy(add(free, 0x20), lot, 0x220)
            id := keccak256(free, 0x240)
        }
    }

    /// @notice The same for a lot that a caller brings along.
    /// @dev In calldata too: its words are hashed as they were sent. A word with bits beyond its type makes an id that no
    /// lot has, and reading that field reverts.
    function lotIdCalldata(Lot calldata lot) internal pure returns (bytes32 id) {
        bytes32 typeHash = LOT_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            // A Lot is 17 words.
            calldatacopy(add(free, 0x20), lot, 0x220)
            id := keccak256(free, 0x240)
        }
    }

    /// @notice Prepares to hash many lots of the same terms with `lotIdOf`.
    /// @dev The preimage of a lot's id: type hash, the 10 words of the terms, room for the 7 of a range.
    function preimage(LotTerms calldata terms) internal pure returns (bytes memory preimage_) {
        preimage_ = new bytes(0x240);
        bytes32 typeHash = LOT_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(add(preimage_, 0x20), typeHash)
            calldatacopy(add(preimage_, 0x40), terms, 0x140)
        }
    }

    /// @notice The id of the lot with the terms that `preimage_` was prepared with.
    /// @dev Writes the last 7 of its 18 words. As for `lotIdCalldata`, words are hashed as they were sent.
    function lotIdOf(bytes memory preimage_, LotRange calldata range) internal pure returns (bytes32 id) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            calldatacopy(add(preimage_, 0x180), range, 0xe0)
            id := keccak256(add(preimage_, 0x20), 0x240)
        }
    }

    /// @notice The lot whose terms `preimage_` was prepared with, and whose range `lotIdOf` wrote to it last.
    /// @dev No copy: it is what was hashed.
    function lotIn(bytes memory preimage_) internal pure returns (Lot memory lot) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // After the length and the type hash.
            lot := add(preimage_, 0x40)
        }
    }

    function hashItem(Item memory item) internal pure returns (bytes32) {
        return keccak256(abi.encode(ITEM_TYPEHASH, item));
    }

    function hashReceipt(Receipt memory receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }

    function hashReceiptLeaf(bytes32 receiptHash, Totals memory totals) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_LEAF_TYPEHASH, receiptHash, totals));
    }

    /// @notice What a submission commits to beside its totals.
    function resultsDigest(Submission memory submission) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(RESULTS_TYPEHASH, submission.root, submission.resultsHash, submission.resultsKeyHash));
    }

    /// @notice What the Market keeps (the first 208 bits of) for a submitted lot. The lot's id binds chain, Market, job,
    /// provider and item count.
    function commitment(bytes32 id, bytes32 digest, Totals memory totals) internal pure returns (bytes32) {
        return keccak256(abi.encode(COMMITMENT_TYPEHASH, id, digest, totals));
    }

    /// @notice The same for totals that a caller brings along; see `lotIdCalldata`.
    function commitmentCalldata(
        bytes32 id,
        bytes32 digest,
        Totals calldata totals
    ) internal pure returns (bytes32 hash) {
        bytes32 typeHash = COMMITMENT_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), id)
            mstore(add(free, 0x40), digest)
            // Totals are 3 words.
            calldatacopy(add(free, 0x60), totals, 0x60)
            hash := keccak256(free, 0xc0)
        }
    }
}
