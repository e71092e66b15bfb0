// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {PositionalTree} from "../../../contracts/libraries/PositionalTree.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Lot, LotStatus, Submission} from "../../../contracts/types/Lot.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Receipt, Totals} from "../../../contracts/types/Receipt.sol";
import {Defaults} from "../helpers/Defaults.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {vm} from "../helpers/Vm.sol";
import {Wallet} from "../mocks/Wallets.sol";

/// @title What a market should be: a second bookkeeping
/// @notice Reckons from the rules alone, in plain arithmetic, what each call that the market let through should have
/// done. The invariants compare. Everything is found by its index: no call costs more the more came before it.
abstract contract MarketModel is MarketFixture {
    /// @notice An offer, posted or signed.
    struct Ask {
        Offer offer;
        bytes signature;
        /// Who posted or signed it.
        address signer;
        /// The signature is not one of `signer` for this offer, here.
        bool isForged;
        bool isCancelled;
        uint32 filled;
    }

    /// @notice A job, and what of it is still to be had.
    struct Bid {
        Job job;
        uint32 openFrom;
        uint32 openItems;
        uint256[] lots;
    }

    /// @notice A lot, and how far it is.
    struct Run {
        Lot lot;
        uint256 bid;
        LotStatus status;
        uint40 timestamp;
        uint96 escrow;
        Totals totals;
        /// Demands that wait for an answer, and what was prepaid for each.
        uint32 demands;
        uint96 fee;
        /// Where it stands among those of its status.
        uint256 place;
    }

    /// @notice What a buyer operator may spend, and did in `period`.
    struct Spending {
        uint256 allowance;
        uint256 periodSeconds;
        uint256 period;
        uint256 spent;
    }

    uint256 internal constant ACTORS = 6;
    /// @dev The bound that no vote can pass.
    uint256 internal constant MAX_FEE_BPS = 1_000;

    /// @notice Six who act, then the arbiters.
    address[] public accounts;
    mapping(address => uint256) internal _keys;
    Wallet internal _wallet;

    Ask[] internal _asks;
    mapping(bytes32 offerId => uint256) private _askOf;
    Bid[] internal _bids;
    Run[] internal _runs;
    mapping(LotStatus => uint256[]) internal _inStatus;
    MarketParameters[] internal _versions;
    mapping(address owner => mapping(address operator => uint256)) internal _caps;
    mapping(address owner => mapping(address operator => Spending)) internal _spendings;
    /// @dev Whom an account last made an operator.
    mapping(address owner => address) internal _providerOperator;
    mapping(address owner => address) internal _buyerOperator;
    uint256 internal _nonce;
    /// @dev Of a tree of each depth whose first leaf is `_receipt`, all others but hashes.
    bytes32[] private _roots;

    /// @notice What came in and what went out.
    uint256 public deposited;
    uint256 public withdrawn;
    /// @notice What each account should hold, free and locked, and how much of it should be locked.
    mapping(address account => uint256) public owned;
    mapping(address account => uint256) public owed;
    /// @notice What is prepaid for answers.
    uint256 public prepaid;
    /// @notice What went wrong, by concern; empty if nothing did.
    mapping(string concern => string) internal _broken;

    constructor() {
        fixture();
        (address walletOwner, uint256 walletKey) = makeAccount("wallet's owner");
        _wallet = new Wallet(walletOwner);
        string[5] memory names = ["buyer", "provider", "rival", "stranger", "vault"];
        for (uint256 i = 0; i < names.length; i++) {
            (address actor, uint256 key) = makeAccount(names[i]);
            _enter(actor, key);
        }
        _enter(address(_wallet), walletKey);
        accounts.push(address(faults));
        accounts.push(address(court));
        _versions.push(Defaults.parameters());
        bytes32 root = Hashes.hashReceiptLeaf(Hashes.hashReceipt(_receipt()), Defaults.submission().totals);
        for (uint256 depth = 0; depth <= 6; depth++) {
            _roots.push(root);
            root = PositionalTree.hashNode(root, keccak256("sibling"));
        }
    }

    function _enter(address actor, uint256 key) private {
        accounts.push(actor);
        _keys[actor] = key;
        uint256 free = market.accountOf(actor).free;
        if (free == 0 && actor != vault) {
            fund(actor, Defaults.DEPOSIT);
            free = Defaults.DEPOSIT;
        }
        deposited += free;
        owned[actor] = free;
        asset.mint(actor, Defaults.DEPOSIT);
        vm.prank(actor);
        asset.approve(address(market), type(uint256).max);
    }

    // ---------------------------------------------------------------- bookkeeping

    function _addAsk(Ask memory ask) internal {
        _asks.push(ask);
        _askOf[market.offerIdOf(ask.offer)] = _asks.length;
    }

    /// @dev A job was opened; its lots follow.
    function _addBid(Job memory job) internal returns (uint256 index) {
        index = _bids.length;
        Bid storage bid = _bids.push();
        bid.job = job;
        bid.openItems = job.request.itemCount;
        owed[job.buyer] += _itemEscrow(job.request) * job.request.itemCount;
    }

    /// @dev The next items of a bid were assigned as a lot.
    function _addNext(uint256 bid, Lot memory lot) internal {
        _expect(lot.firstItem == _bids[bid].openFrom, "rules", "not the next items");
        _expect(lot.escrow == _itemEscrow(_bids[bid].job.request) * lot.itemCount, "rules", "another escrow");
        _bids[bid].openFrom += lot.itemCount;
        _bids[bid].openItems -= lot.itemCount;
        _addRun(bid, lot);
    }

    function _addRun(uint256 bid, Lot memory lot) internal {
        _checkTerms(_bids[bid].job, lot);
        uint256 index = _runs.length;
        Run storage run = _runs.push();
        run.lot = lot;
        run.bid = bid;
        run.status = LotStatus.Assigned;
        run.place = _inStatus[LotStatus.Assigned].length;
        _inStatus[LotStatus.Assigned].push(index);
        _bids[bid].lots.push(index);
        owed[lot.provider] += lot.collateral;
    }

    function _move(uint256 index, LotStatus status, uint256 timestamp) internal {
        Run storage run = _runs[index];
        uint256[] storage list = _inStatus[run.status];
        uint256 last = list[list.length - 1];
        list[run.place] = last;
        _runs[last].place = run.place;
        list.pop();
        run.status = status;
        run.timestamp = uint40(timestamp);
        run.place = _inStatus[status].length;
        _inStatus[status].push(index);
    }

    /// @dev A lot's items wait for another provider, with `escrow` for them.
    function _reopen(uint256 index, uint256 escrow) internal {
        Run storage run = _runs[index];
        _move(index, LotStatus.Open, block.timestamp);
        run.escrow = uint96(escrow);
        owed[run.lot.provider] -= run.lot.collateral;
    }

    /// @dev A lot was paid.
    function _pay(uint256 index) internal {
        Run storage run = _runs[index];
        Lot memory lot = run.lot;
        Totals memory totals = run.totals;
        uint256 cost = uint256(totals.promptTokens) * lot.promptPricePerMillion;
        cost += uint256(totals.outputTokens) * lot.outputPricePerMillion;
        uint256 due = _ceil(cost, 1e6);
        if (due > lot.escrow) due = lot.escrow;
        uint256 fee = (due * lot.feeBps) / 10_000;
        uint256 forfeit = _ceil(uint256(lot.penalty) * totals.errors, lot.itemCount);
        _transfer(lot.buyer, lot.provider, due - fee);
        _transfer(lot.buyer, vault, fee);
        _transfer(lot.provider, lot.buyer, forfeit);
        owed[lot.buyer] -= lot.escrow;
        owed[lot.provider] -= lot.collateral;
        _move(index, LotStatus.None, 0);
    }

    /// @dev A lot's collateral was taken.
    function _takeCollateral(uint256 index, address prover, uint256 cost) internal {
        Lot memory lot = _runs[index].lot;
        if (cost > lot.collateral) cost = lot.collateral;
        uint256 penalty = lot.penalty;
        if (penalty > lot.collateral - cost) penalty = lot.collateral - cost;
        uint256 bounty = (penalty * lot.bountyBps) / 10_000;
        _transfer(lot.provider, address(court), cost);
        _transfer(lot.provider, prover, bounty);
        _transfer(lot.provider, lot.buyer, penalty - bounty);
        _transfer(lot.provider, vault, lot.collateral - cost - penalty);
        _reopen(index, lot.escrow);
    }

    /// @dev What was prepaid for answers returned.
    function _returnFees(uint256 index) internal {
        Run storage run = _runs[index];
        uint256 amount = run.demands * uint256(run.fee);
        run.demands = 0;
        prepaid -= amount;
        _transfer(address(faults), run.lot.buyer, amount);
    }

    function _transfer(address from, address to, uint256 amount) internal {
        owned[from] -= amount;
        owned[to] += amount;
    }

    /// @dev Counts what `by` spent for `owner`, and that it was theirs to spend.
    function _spend(address owner, address by, uint256 amount) internal {
        if (by == owner) return;
        Spending storage spending = _spendings[owner][by];
        _expect(spending.periodSeconds != 0, "operators", "no operator spent");
        if (spending.periodSeconds == 0) return;
        uint256 period = block.timestamp / spending.periodSeconds;
        if (spending.period != period) (spending.period, spending.spent) = (period, 0);
        spending.spent += amount;
        _expect(spending.spent <= spending.allowance, "operators", "more than the allowance");
    }

    // ---------------------------------------------------------------- the rules again

    /// @dev A lot's numbers follow from its job's version, whatever was voted since.
    function _checkTerms(Job memory job, Lot memory lot) private {
        MarketParameters memory p = _versions[job.parametersVersion - 1];
        JobRequest memory r = job.request;
        _expect(lot.feeBps == p.feeBps && lot.bountyBps == p.bountyBps, "rules", "another fee or bounty");
        _expect(lot.windowSeconds == p.windowSeconds, "rules", "another window");
        _expect(lot.graceEndsAt == block.timestamp + p.graceSeconds, "rules", "another grace");
        uint256 deadline = uint256(lot.graceEndsAt) + r.turnaroundSeconds + p.submitGraceSeconds;
        _expect(lot.deadline == deadline, "rules", "another deadline");
        _expect(lot.releaseCharge == _ceil(uint256(lot.escrow) * p.releaseBps, 10_000), "rules", "another charge");
        _expect(lot.feeBps <= MAX_FEE_BPS, "fee", "a fee above the bound");

        uint256 value = _valueOf(r, lot);
        _expect(value <= lot.escrow, "rules", "more value than escrow");
        uint256 penalty = _ceil(value * p.penaltyBps, 10_000);
        uint256 rerun = _ceil((lot.escrow - value) * 10_000, 10_000 - p.bountyBps);
        if (rerun > penalty) penalty = rerun;
        uint256 collateral = _ceil(value * p.collateralBps, 10_000);
        if (p.minLotCollateral > collateral) collateral = p.minLotCollateral;
        if (penalty > collateral) collateral = penalty;
        _expect(lot.penalty == penalty && lot.collateral == collateral, "rules", "another penalty or collateral");
    }

    /// @dev Whether an offer could be taken for this lot now.
    function _checkFill(bytes32 offerId, Lot memory lot, JobRequest memory request) internal {
        uint256 place = _askOf[offerId];
        _expect(place != 0, "offers", "an offer that nobody made");
        if (place == 0) return;
        Ask storage ask = _asks[place - 1];
        Offer memory offer = ask.offer;
        ask.filled += lot.itemCount;
        _expect(!ask.isForged, "offers", "a forged offer");
        _expect(!ask.isCancelled, "offers", "a cancelled offer");
        _expect(offer.epoch == market.accountOf(offer.provider).offerEpoch, "offers", "an offer of another epoch");
        _expect(block.timestamp <= offer.validUntil, "offers", "an expired offer");
        _expect(ask.filled <= offer.capacityItems, "offers", "beyond its capacity");
        _expect(lot.provider == offer.provider && offer.modelId == request.modelId, "offers", "another offer");
        _expect(lot.itemCount >= offer.minLotItems && lot.itemCount <= offer.maxLotItems, "offers", "another size");
        _expect(_valueOf(request, lot) >= offer.minLotValue, "offers", "too little value");
        _expect(
            lot.promptPricePerMillion == offer.promptPricePerMillion &&
                lot.outputPricePerMillion == offer.outputPricePerMillion,
            "offers",
            "not at the offer's price"
        );
        _expect(
            lot.promptPricePerMillion <= request.promptLimitPerMillion &&
                lot.outputPricePerMillion <= request.outputLimitPerMillion,
            "offers",
            "above the buyer's limit"
        );
        if (ask.signer == offer.provider) return;
        uint256 cap = _caps[offer.provider][ask.signer];
        _expect(cap != 0, "operators", "an offer of no operator");
        // In the books, where the lots of one call come one by one.
        _expect(owed[offer.provider] <= cap, "operators", "an offer beyond the cap");
    }

    function _checkFilled(Offer memory offer) internal {
        bytes32 offerId = market.offerIdOf(offer);
        uint256 filled = _asks[_askOf[offerId] - 1].filled;
        _expect(market.offerState(offerId).filledItems == filled, "offers", "fills that do not count");
    }

    function _valueOf(JobRequest memory r, Lot memory lot) private pure returns (uint256) {
        uint256 item = uint256(r.promptTokensCap) * lot.promptPricePerMillion;
        item += uint256(r.outputTokensCap) * lot.outputPricePerMillion;
        return _ceil(item * lot.itemCount, 1e6);
    }

    function _itemEscrow(JobRequest memory r) internal pure returns (uint256) {
        uint256 item = uint256(r.promptTokensCap) * r.promptLimitPerMillion;
        return _ceil(item + uint256(r.outputTokensCap) * r.outputLimitPerMillion, 1e6);
    }

    function _ceil(uint256 a, uint256 b) internal pure returns (uint256) {
        return (a + b - 1) / b;
    }

    // ---------------------------------------------------------------- results

    /// @dev Shown for the first item of any lot. It is for no job, so that anyone can prove it faulty too.
    function _receipt() internal pure returns (Receipt memory receipt) {
        receipt.version = 1;
    }

    function _submissionOf(Run storage run) internal view returns (Submission memory submission) {
        submission = Defaults.submission();
        submission.root = _roots[PositionalTree.depthOf(run.lot.itemCount)];
        submission.totals = run.totals;
    }

    function _path(uint256 itemCount) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](PositionalTree.depthOf(itemCount));
        for (uint256 i = 0; i < path.length; i++) path[i] = keccak256("sibling");
    }

    /// @dev Notes the first thing that is wrong.
    function _expect(bool condition, string memory concern, string memory what) internal {
        if (!condition && bytes(_broken[concern]).length == 0) _broken[concern] = what;
    }
}
