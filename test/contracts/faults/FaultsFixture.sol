// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFaults} from "../../../contracts/interfaces/IFaults.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {FaultKind} from "../../../contracts/types/Fault.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {ModelSpec} from "../../../contracts/types/ModelSpec.sol";
import {Item} from "../../../contracts/types/Receipt.sol";
import {ModelRegistry} from "../../../contracts/ModelRegistry.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";
import {Book, Books} from "./Books.sol";
import {Case} from "./Proofs.sol";

/// @title A job with a real input tree and model, and lots of it with real receipts
/// @notice The job has thirteen items; the lot that most tests are about is items 3 to 9: odd in number, and not at the
/// tree's edge.
abstract contract FaultsFixture is MarketFixture {
    uint32 internal constant JOB_ITEMS = 13;
    uint32 internal constant FIRST_ITEM = 3;
    uint32 internal constant LOT_ITEMS = 7;
    uint256 internal constant SEED = 1;
    /// @dev What the fixture's answer costs and how long it may take.
    uint256 internal constant FEE = 500;
    uint40 internal constant ANSWER_SECONDS = 20;
    uint40 internal constant WINDOW_SECONDS = 60;

    Job internal job;
    Lot internal lot;
    Item[] internal items;
    bytes32[] internal inputLeaves;
    ModelRegistry internal registry;

    mapping(address => uint256) private _free;
    mapping(address => uint256) private _locked;

    function setUp() public virtual override {
        super.setUp();
        registry = new ModelRegistry();
        openJob(JOB_ITEMS, SEED);
        claim(rival, job, FIRST_ITEM);
        lot = claim(provider, job, LOT_ITEMS);
    }

    // ---------------------------------------------------------------- steps

    /// @notice Opens a job of `count` items at random.
    function openJob(uint32 count, uint256 seed) internal {
        delete items;
        delete inputLeaves;
        for (uint32 i = 0; i < count; i++) {
            Item memory item = itemOf(i, seed);
            items.push(item);
            inputLeaves.push(Hashes.hashItem(item));
        }
        JobRequest memory request = Defaults.request();
        request.nonce = seed;
        request.itemCount = count;
        request.minLotItems = 1;
        request.inputRoot = Books.rootOf(inputLeaves);
        request.modelId = registry.modelIdOf(spec());
        (job, ) = open(request, noFills());
    }

    /// @notice Takes up another job at random: a lot of 1 to 64 items that begins anywhere in it.
    function reopen(uint32 count, uint256 seed) internal {
        count = uint32(bound(count, 1, 64));
        uint32 before = uint32(seed % 5);
        // Nonces of jobs count from there; the first is taken.
        openJob(before + count + uint32((seed >> 8) % 5), bound(seed, 2, type(uint256).max));
        if (before != 0) claim(rival, job, before);
        lot = claim(provider, job, count);
    }

    /// @notice Has the provider commit to an honest book over a lot at random.
    function commitHonest(uint32 count, uint256 seed) internal returns (Book memory book) {
        reopen(count, seed);
        book = honestBook();
        commit(book);
    }

    /// @notice An honest book over the lot.
    function honestBook() internal view returns (Book memory) {
        return Books.write(lot.jobId, spec().classHash, items, lot.firstItem, lot.itemCount, SEED);
    }

    /// @notice All that there is to know about an honest book over the lot.
    function honestCase() internal view returns (Case memory) {
        Book memory book = honestBook();
        return Case(job, lot, Books.submission(book), book, items, spec());
    }

    /// @notice Has the provider commit to a book.
    function commit(Book memory book) internal returns (Submission memory submission) {
        submission = Books.submission(book);
        submit(lot, submission);
    }

    /// @notice Pays a lot whose window, or hold, is over.
    function settle(Lot memory ofLot, Submission memory submission) internal {
        market.settle(Defaults.terms(ofLot), settlements(ofLot, submission));
    }

    // ---------------------------------------------------------------- expectations

    /// @notice The next call proves `kind` for `by`. What accounts have now is what `assertSlashed` goes by.
    function expectProven(FaultKind kind, uint256 index, address by) internal {
        address[4] memory accounts = [provider, buyer, by, vault];
        for (uint256 i = 0; i < accounts.length; i++) {
            _free[accounts[i]] = market.accountOf(accounts[i]).free;
            _locked[accounts[i]] = market.accountOf(accounts[i]).locked;
        }
        vm.expectEmit(address(faults));
        emit IFaults.FaultProven(Hashes.lotId(lot), lot.jobId, lot.provider, by, kind, index);
    }

    function expectNoFault(FaultKind kind, uint256 index) internal {
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NoFault.selector, kind, index));
    }

    function expectNotCommitted(Lot memory ofLot, LotStatus status) internal {
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotCommitted.selector, Hashes.lotId(ofLot), status));
    }

    function expectNotInTree(uint256 index) internal {
        vm.expectRevert(abi.encodeWithSelector(IFaults.Faults_NotInTree.selector, index));
    }

    /// @notice The lot's collateral is gone, whole, to where it belongs, and nothing is left for demands.
    function assertSlashed(address prover) internal view {
        assertStatus(lot, LotStatus.Open);
        uint256 bounty = (uint256(lot.penalty) * lot.bountyBps) / 10_000;
        assertAccount(provider, _free[provider], _locked[provider] - lot.collateral);
        assertAccount(buyer, _free[buyer] + lot.penalty - bounty, _locked[buyer]);
        assertAccount(prover, _free[prover] + bounty, _locked[prover]);
        assertAccount(vault, _free[vault] + lot.collateral - lot.penalty, 0);
        assertFees(0);
    }

    /// @notice What Faults holds in the ledger is what is prepaid.
    function assertFees(uint256 fees) internal view {
        assertEq(market.accountOf(address(faults)).free, fees, "fees held");
        assertEq(market.accountOf(address(faults)).locked, 0, "fees locked");
    }

    // ---------------------------------------------------------------- shapes

    /// @notice The same words, but for the lowest bit of one.
    function flip(bytes memory words, uint256 word) internal pure returns (bytes memory) {
        words[32 * word + 31] ^= 0x01;
        return words;
    }

    /// @notice The same hashes, cut off or with zeros behind them.
    function resized(bytes32[] memory hashes, uint256 length) internal pure returns (bytes32[] memory other) {
        other = new bytes32[](length);
        for (uint256 i = 0; i < length && i < hashes.length; i++) other[i] = hashes[i];
    }

    function spec() internal pure returns (ModelSpec memory) {
        return
            ModelSpec({
                name: "tiny",
                weightsHash: keccak256("weights"),
                sizeBytes: 1_000,
                quantization: "Q8_0",
                contextTokens: 2_048,
                chatTemplateHash: keccak256("template"),
                licence: "Apache-2.0",
                classHash: keccak256("class")
            });
    }

    function itemOf(uint32 index, uint256 seed) internal pure returns (Item memory) {
        uint256 dice = uint256(keccak256(abi.encode(seed, index)));
        return
            Item({
                index: index,
                requestHash: keccak256(abi.encode("request", dice)),
                promptTokensCap: uint32(dice % 30),
                outputTokensCap: uint32((dice >> 32) % 20),
                samplerHash: keccak256("sampler"),
                requesterSeed: bytes32(0),
                salt: keccak256(abi.encode("item salt", dice))
            });
    }
}
