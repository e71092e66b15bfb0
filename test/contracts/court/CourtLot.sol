// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuditSet} from "../../../contracts/libraries/AuditSet.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {Votes} from "../../../contracts/libraries/Votes.sol";
import {AuditProof} from "../../../contracts/types/Case.sol";
import {JobRequest} from "../../../contracts/types/Job.sol";
import {Submission} from "../../../contracts/types/Lot.sol";
import {Book, Books} from "../faults/Books.sol";
import {FaultsFixture} from "../faults/FaultsFixture.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {vm} from "../helpers/Vm.sol";

/// @title A submitted lot of a model with forty-five seats
/// @notice Amounts are mostly counted in fees. The lot has items 3 to 9 of thirteen, and an honest book.
abstract contract CourtLot is FaultsFixture {
    uint256 internal constant JURORS = 45;
    uint256 internal constant STAKE = 10_000;
    /// @dev What a juror earns in a round.
    uint256 internal constant UNIT = 500;
    uint256 internal constant PHASE = 30;
    /// @dev In the lot.
    uint32 internal constant INDEX = 2;
    uint32 internal constant OUTSIDE = type(uint32).max;
    bytes32 internal constant CHALLENGER_SECRET = keccak256("challenger's secret");
    bytes32 internal constant PROVIDER_SECRET = keccak256("provider's secret");
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes32 internal constant SALT = keccak256("salt");
    int16 internal constant GOOD = -80;
    int16 internal constant BAD = 60;
    int16 internal constant UNSURE = 0;

    address internal auditor;
    bytes32 internal lotId;
    Submission internal submission;
    uint256 internal height;
    /// @dev Encoded: the compiler's legacy pipeline does not copy lists of structs into storage.
    bytes private _book;

    function setUp() public virtual override {
        super.setUp();
        auditor = makeAddr("auditor");
        fund(auditor, Defaults.DEPOSIT);
        height = 1_000;
        vm.roll(height);
        for (uint256 i = 0; i < JURORS; i++) takeSeat(jurorAt(i));
        vm.warp(block.timestamp + 61);
        openLot(2);
        commitBook();
    }

    // ---------------------------------------------------------------- before a case

    function jurorAt(uint256 i) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("juror", i)))));
    }

    function takeSeat(address juror) internal returns (uint32 seatId) {
        fund(juror, STAKE);
        bytes32 modelId = registry.modelIdOf(spec());
        vm.prank(juror);
        return court.takeSeat(juror, juror, modelId, keccak256("juror's key"));
    }

    /// @notice Opens a job with an auditor and audit secrets, of which the provider has the lot that tests are about.
    function openLot(uint256 nonce) internal {
        bytes32[] memory leaves = auditLeaves(JOB_ITEMS);
        JobRequest memory request = Defaults.request();
        request.nonce = nonce;
        request.itemCount = JOB_ITEMS;
        request.minLotItems = 1;
        request.inputRoot = Books.rootOf(inputLeaves);
        request.auditRoot = Books.rootOf(leaves);
        request.auditor = auditor;
        request.modelId = registry.modelIdOf(spec());
        (job, ) = open(request, noFills());
        (job.parametersVersion, , ) = parameters.current();
        claim(rival, job, FIRST_ITEM);
        lot = claim(provider, job, LOT_ITEMS);
        lotId = Hashes.lotId(lot);
    }

    function commitBook() internal {
        Book memory written = honestBook();
        _book = abi.encode(written);
        submission = commit(written);
    }

    function book() internal view returns (Book memory) {
        return abi.decode(_book, (Book));
    }

    /// @notice The buyer's secret for the lot that begins at `firstItem`, in its assignment number `attempt`.
    function auditSecret(uint256 firstItem, uint256 attempt) internal pure returns (bytes32 secret) {
        secret = keccak256(abi.encode("audit secret", firstItem));
        for (uint256 i = attempt + 1; i < AuditSet.ATTEMPTS; i++) secret = keccak256(abi.encode(secret));
    }

    function auditLeaves(uint256 count) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) leaves[i] = AuditSet.leafOf(auditSecret(i, 0), 0);
    }

    /// @notice That item `index` of the lot is in its audit set.
    function auditProof(uint32 index) internal pure returns (AuditProof memory) {
        return
            AuditProof({
                secret: auditSecret(FIRST_ITEM, 0),
                path: Books.pathOf(auditLeaves(JOB_ITEMS), FIRST_ITEM),
                position: index
            });
    }

    /// @notice That nothing is claimed to be in it.
    function noProof() internal pure returns (AuditProof memory proof) {
        proof.position = OUTSIDE;
    }

    // ---------------------------------------------------------------- shapes

    function wrappedKeys(uint256 count) internal pure returns (bytes[] memory keys) {
        keys = new bytes[](count);
        for (uint256 i = 0; i < count; i++) keys[i] = abi.encode("key", i);
    }

    /// @notice `count` votes for `major`, the rest of a round's jury for `minor`.
    function votesOf(
        uint256 round,
        uint256 count,
        int16 major,
        int16 minor
    ) internal pure returns (int16[] memory votes) {
        votes = new int16[](Votes.sizeOf(round));
        for (uint256 i = 0; i < votes.length; i++) votes[i] = i < count ? major : minor;
    }

    function all(uint256 round, int16 vote_) internal pure returns (int16[] memory) {
        return votesOf(round, 0, 0, vote_);
    }
}
