// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {Account} from "../../../contracts/types/Account.sol";
import {AuditProof} from "../../../contracts/types/Case.sol";
import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {PlacedLeaf} from "../../../contracts/types/Fault.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, Submission} from "../../../contracts/types/Lot.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {CallCounter} from "../helpers/CallCounter.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";

/// @title Who takes part in cases, and the lots that these are about
/// @notice Lots have one of two shapes: of five items, which are all in the audit set, or of 130, which are not. All lots
/// of a shape have the same receipts; the second item is an error.
abstract contract CourtActors is MarketFixture, CallCounter {
    uint32 internal constant SMALL = 5;
    uint32 internal constant LARGE = 130;
    uint256 internal constant JURORS = 42;
    uint256 internal constant STAKE = 10_000;
    uint32 internal constant OUTSIDE = type(uint32).max;
    bytes32 internal constant AUDIT_SECRET = keccak256("audit secret");

    /// @dev Buys too, and provides, and is not rich.
    address internal patron;
    address internal auditor;
    /// @dev Works for `buyer` and for `provider`.
    address internal agent;
    address[] internal actors;
    uint256 internal height;
    uint256 private _nonce;
    /// @dev The court's numbers now in force, and their version.
    CourtParameters internal current;
    uint32 internal version;

    mapping(bool isLarge => bytes32[][]) private _levels;
    mapping(bool isLarge => bytes32) private _auditRoots;
    mapping(bool isLarge => bytes32[]) private _auditPaths;

    /// @notice What went through and must not have, or nothing.
    string public wrong;
    /// @notice What must have gone through and was refused, or nothing.
    string public refused;

    constructor() {
        fixture();
        patron = makeAddr("patron");
        auditor = makeAddr("auditor");
        agent = makeAddr("agent");
        actors = [buyer, patron, provider, rival, auditor, agent, stranger];
        fund(patron, 150_000);
        fund(auditor, Defaults.DEPOSIT);
        vm.prank(buyer);
        market.setBuyerOperator(agent, type(uint96).max, 1 days);
        vm.prank(provider);
        market.setProviderOperator(agent, type(uint112).max);
        (current, version) = (Defaults.courtParameters(), 1);
        vm.prank(timelock);
        parameters.append(_marketParameters(), current);
        version++;
        height = 1_000;
        vm.roll(height);
        _grow(false);
        _grow(true);
    }

    /// @dev Windows are long enough for a second challenge, and a third try.
    function _marketParameters() internal pure returns (MarketParameters memory p) {
        p = Defaults.parameters();
        p.windowSeconds = 600;
    }

    // ---------------------------------------------------------------- people

    function jurorAt(uint256 i) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("juror", i)))));
    }

    /// @notice Whether `by` may spend what `account` has.
    function spendsFor(address by, address account) internal view returns (bool) {
        return by == account || (by == agent && account == buyer);
    }

    /// @notice Whether `by` may do what costs a provider nothing.
    function providesFor(address by, address account) internal view returns (bool) {
        return by == account || (by == agent && account == provider);
    }

    /// @notice Mostly `right` or who works for them, once in four anyone.
    function callerFor(uint256 dice, address right) internal view returns (address) {
        if (dice % 4 == 0) return actors[(dice / 4) % actors.length];
        return dice % 4 == 1 && (right == buyer || right == provider) ? agent : right;
    }

    function free(address account) public view returns (uint256) {
        return market.accountOf(account).free;
    }

    /// @notice All that an account has.
    function worthOf(address account) public view returns (uint256) {
        Account memory shown = market.accountOf(account);
        return uint256(shown.free) + shown.locked;
    }

    // ---------------------------------------------------------------- lots

    /// @notice A job of one lot, submitted. Whoever opens it can pay for it.
    function newLot(
        address by,
        address for_,
        address audits,
        bool isLarge,
        bool isOff
    ) internal returns (Job memory job, Lot memory lot) {
        JobRequest memory request = Defaults.request();
        request.nonce = ++_nonce;
        request.itemCount = isLarge ? LARGE : SMALL;
        if (isLarge) (request.promptTokensCap, request.outputTokensCap) = (100, 50);
        request.minLotItems = 1;
        request.auditor = audits;
        request.auditRoot = _auditRoots[isLarge];
        job = Defaults.job(by, request);
        job.parametersVersion = version;
        vm.prank(by);
        market.openJob(by, request, noFills());
        lot = claim(for_, job, request.itemCount);
        submit(lot, submissionOf(isLarge, isOff));
    }

    /// @param isOff Whether its totals are not those of the last receipt, which anyone can prove.
    function submissionOf(bool isLarge, bool isOff) internal view returns (Submission memory submission) {
        bytes32[][] storage levels = _levels[isLarge];
        submission.root = levels[levels.length - 1][0];
        submission.resultsHash = keccak256("results");
        submission.resultsKeyHash = keccak256("results key");
        submission.totals = totalsAt(isLarge, (isLarge ? LARGE : SMALL) - 1);
        if (isOff) submission.totals.promptTokens++;
    }

    function leafAt(bool isLarge, uint256 index) internal view returns (PlacedLeaf memory placed) {
        bytes32[][] storage levels = _levels[isLarge];
        placed.receiptHash = keccak256(abi.encode("receipt", index));
        placed.totals = totalsAt(isLarge, index);
        placed.path = new bytes32[](levels.length - 1);
        for (uint256 i = 0; i < placed.path.length; i++) placed.path[i] = levels[i][(index >> i) ^ 1];
    }

    /// @notice Running totals, after that item.
    function totalsAt(bool isLarge, uint256 index) internal pure returns (Totals memory totals) {
        uint64 done = uint64(index == 0 ? 1 : index);
        totals.promptTokens = done * (isLarge ? 60 : 600);
        totals.outputTokens = done * (isLarge ? 31 : 301);
        totals.errors = index == 0 ? 0 : 1;
    }

    /// @notice Which item is at that position of a lot's audit set.
    function itemAt(Lot memory lot, bool isOff, uint256 position) internal view returns (uint256) {
        bool isLarge = lot.itemCount == LARGE;
        if (!isLarge) return position;
        Submission memory submission = submissionOf(true, isOff);
        bytes32 commitment = Hashes.commitment(Hashes.lotId(lot), Hashes.resultsDigest(submission), submission.totals);
        bytes32 seed = keccak256(abi.encode(AUDIT_SECRET, commitment));
        return uint256(keccak256(abi.encode(seed, position))) % LARGE;
    }

    function auditProof(bool isLarge, uint32 position) internal view returns (AuditProof memory) {
        return AuditProof(AUDIT_SECRET, _auditPaths[isLarge], position);
    }

    function _grow(bool isLarge) private {
        uint32 items = isLarge ? LARGE : SMALL;
        uint256 size = 1 << PositionalTree.depthOf(items);
        bytes32[] memory leaves = new bytes32[](size);
        bytes32[] memory secrets = new bytes32[](size);
        for (uint256 i = 0; i < size; i++) {
            secrets[i] = PositionalTree.PAD;
            leaves[i] = PositionalTree.PAD;
            if (i >= items) continue;
            leaves[i] = Hashes.hashReceiptLeaf(keccak256(abi.encode("receipt", i)), totalsAt(isLarge, i));
            // The first link of eight of the one chain that a lot of all items needs.
            secrets[i] = i == 0 ? keccak256(abi.encode(AUDIT_SECRET)) : keccak256(abi.encode("other secret", i));
        }
        while (true) {
            _levels[isLarge].push(leaves);
            if (leaves.length == 1) break;
            _auditPaths[isLarge].push(secrets[1]);
            (leaves, secrets) = (_above(leaves), _above(secrets));
        }
        _auditRoots[isLarge] = secrets[0];
    }

    function _above(bytes32[] memory level) private pure returns (bytes32[] memory above) {
        above = new bytes32[](level.length / 2);
        for (uint256 i = 0; i < above.length; i++) {
            above[i] = PositionalTree.hashNode(level[2 * i], level[2 * i + 1]);
        }
    }

    // ---------------------------------------------------------------- calls

    /// @notice Calls as `by`. Whether that goes through must be what the rules say, which is `isDue`.
    function act(
        string memory name,
        address by,
        address to,
        bytes memory call,
        bool isDue
    ) internal returns (bool succeeded) {
        (succeeded, ) = tryTo(name, by, to, call);
        if (succeeded && !isDue) wrong = name;
        if (!succeeded && isDue) refused = name;
        return succeeded && isDue;
    }

    function act(string memory name, address by, bytes memory call, bool isDue) internal returns (bool succeeded) {
        return act(name, by, address(court), call, isDue);
    }

    function tryTo(
        string memory name,
        address by,
        address to,
        bytes memory call
    ) internal returns (bool succeeded, bytes memory returned) {
        vm.prank(by);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, returned) = to.call(call);
        _count(name, succeeded);
    }

    function mine(uint256 blocks) internal {
        height += blocks;
        vm.roll(height);
    }

    /// @notice Never back.
    function waitUntil(uint256 time) internal {
        if (time > block.timestamp) vm.warp(time);
    }

    function wrappedKeys(uint256 size) internal pure returns (bytes[] memory keys) {
        keys = new bytes[](size);
        for (uint256 i = 0; i < size; i++) keys[i] = abi.encode("key", i);
    }

    function courtHandled() external view returns (ICourt) {
        return court;
    }
}
