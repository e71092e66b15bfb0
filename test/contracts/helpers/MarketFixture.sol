// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {IMarket} from "../../../contracts/interfaces/IMarket.sol";
import {IOperators} from "../../../contracts/interfaces/IOperators.sol";
import {Backers} from "../../../contracts/Backers.sol";
import {Court} from "../../../contracts/Court.sol";
import {Faults} from "../../../contracts/Faults.sol";
import {Market} from "../../../contracts/Market.sol";
import {Parameters} from "../../../contracts/Parameters.sol";
import {TestUSD} from "../../../contracts/mocks/TestUSD.sol";
import {Fill, Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Delivery, Lot, LotStatus, Settlement, Submission} from "../../../contracts/types/Lot.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";
import {CourtSeams} from "./CourtSeams.sol";
import {Defaults} from "./Defaults.sol";
import {Vm, vm} from "./Vm.sol";

/// @title A market with funded accounts, and the steps that lead up to what a test is about
abstract contract MarketFixture is CourtSeams {
    TestUSD internal asset;
    Parameters internal parameters;
    Faults internal faults;
    Backers internal backers;
    address internal buyer;
    address internal provider;
    /// @dev A second provider, as well funded.
    address internal rival;
    /// @dev Holds nothing and is party to nothing.
    address internal stranger;
    address internal vault;
    /// @dev May append parameters.
    address internal timelock;
    address internal guardian;

    function setUp() public virtual {
        fixture();
    }

    function fixture() internal {
        vm.warp(Defaults.START);
        buyer = makeAddr("buyer");
        provider = makeAddr("provider");
        rival = makeAddr("rival");
        stranger = makeAddr("stranger");
        vault = makeAddr("vault");
        timelock = makeAddr("timelock");
        guardian = makeAddr("guardian");
        asset = new TestUSD();
        parameters = new Parameters(timelock, guardian, 5, Defaults.parameters(), Defaults.courtParameters());
        faults = new Faults();
        backers = new Backers();
        court = new Court(backers);
        market = new Market(asset, parameters, vault, faults, court, backers);
        fund(buyer, Defaults.DEPOSIT);
        fund(provider, Defaults.DEPOSIT);
        fund(rival, Defaults.DEPOSIT);
    }

    /// @notice A second market, in another asset, under the same parameters.
    function newMarket(IERC20 asset_) internal returns (Market) {
        Backers others = new Backers();
        return new Market(asset_, parameters, vault, new Faults(), new Court(others), others);
    }

    // ---------------------------------------------------------------- steps

    function fund(address account, uint256 amount) internal {
        asset.mint(account, amount);
        vm.startPrank(account);
        asset.approve(address(market), amount);
        market.deposit(account, amount);
        vm.stopPrank();
    }

    function post(Offer memory offer) internal returns (bytes32 offerId) {
        vm.prank(offer.provider);
        return market.postOffer(offer);
    }

    /// @notice `buyer` opens a job; returns its terms and the lots that its fills made.
    function open(JobRequest memory request, Fill[] memory fills) internal returns (Job memory job, Lot[] memory lots) {
        job = Defaults.job(buyer, request);
        vm.recordLogs();
        vm.prank(buyer);
        market.openJob(buyer, request, fills);
        lots = assignedLots();
    }

    /// @notice A job of ten items that all rest as a bid.
    function openBid() internal returns (Job memory job) {
        (job, ) = open(Defaults.request(), noFills());
    }

    /// @notice A job of ten items, all given to `provider` as one lot through their offer.
    function openFilled() internal returns (Job memory job, Lot memory lot) {
        return openFilledAs(1);
    }

    /// @notice The same as the buyer's job of this nonce.
    function openFilledAs(uint256 nonce) internal returns (Job memory job, Lot memory lot) {
        Offer memory offer = Defaults.offer(provider);
        offer.salt = uint64(nonce - 1);
        post(offer);
        JobRequest memory request = Defaults.request();
        request.nonce = nonce;
        Lot[] memory lots;
        (job, lots) = open(request, fillsOf(offer, Defaults.ITEMS));
        lot = lots[0];
    }

    /// @notice A job of ten items in two lots of five of one fill: they have their terms in common.
    function openFilledInTwo() internal returns (Job memory job, Lot memory first, Lot memory second) {
        Offer memory offer = Defaults.offer(provider);
        post(offer);
        Fill[] memory fills = fillsOf(offer, 5);
        fills[0].lotItems = new uint32[](2);
        (fills[0].lotItems[0], fills[0].lotItems[1]) = (5, 5);
        Lot[] memory lots;
        (job, lots) = open(Defaults.request(), fills);
        return (job, lots[0], lots[1]);
    }

    /// @notice The same buyer's next job.
    function openSecond(Fill[] memory fills) internal returns (Job memory job, Lot[] memory lots) {
        JobRequest memory request = Defaults.request();
        request.nonce = 2;
        return open(request, fills);
    }

    function claim(address by, Job memory job, uint32 items) internal returns (Lot memory lot) {
        vm.recordLogs();
        vm.prank(by);
        market.claim(by, job, items, Defaults.PROVIDER_KEY);
        return assignedLots()[0];
    }

    function claimReopened(address by, Job memory job, Lot memory failed) internal returns (Lot memory lot) {
        vm.recordLogs();
        vm.prank(by);
        market.claimReopened(by, job, failed, Defaults.PROVIDER_KEY);
        return assignedLots()[0];
    }

    function submit(Lot memory lot, Submission memory submission) internal {
        vm.prank(lot.provider);
        market.submit(Defaults.terms(lot), deliveries(lot, submission));
    }

    function submit(Lot memory lot) internal {
        submit(lot, Defaults.submission());
    }

    /// @notice Accepts a lot that has the default submission.
    function accept(Lot memory lot) internal {
        vm.prank(lot.buyer);
        market.accept(Defaults.terms(lot), settlements(lot));
    }

    function expire(address by, Lot memory lot) internal {
        vm.warp(lot.deadline + 1);
        vm.prank(by);
        market.expire(lot);
    }

    /// @notice A filled lot whose provider never submitted; open again since one second after its deadline.
    function openExpired() internal returns (Job memory job, Lot memory failed) {
        (job, failed) = openFilled();
        expire(stranger, failed);
    }

    /// @notice `holder`'s permit for the market to take `amount` of the asset.
    function signPermit(
        address holder,
        uint256 key,
        uint256 amount,
        uint256 deadline
    ) internal view returns (uint8, bytes32, bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                holder,
                address(market),
                amount,
                asset.nonces(holder),
                deadline
            )
        );
        return vm.sign(key, keccak256(abi.encodePacked(hex"1901", asset.DOMAIN_SEPARATOR(), structHash)));
    }

    // ---------------------------------------------------------------- expectations

    function assertAccount(address account, uint256 free, uint256 locked) internal view {
        assertEq(market.accountOf(account).free, free, "free");
        assertEq(market.accountOf(account).locked, locked, "locked");
    }

    function assertStatus(Lot memory lot, LotStatus status) internal view {
        assertEq(uint256(market.lotState(Hashes.lotId(lot)).status()), uint256(status), "status");
    }

    /// @notice The ledger covers itself, to the base unit, over every account a fixture knows.
    function assertConserved() internal view {
        address[8] memory accounts = [
            buyer,
            provider,
            rival,
            stranger,
            vault,
            address(faults),
            address(court),
            address(backers)
        ];
        uint256 sum;
        for (uint256 i = 0; i < accounts.length; i++) {
            sum += market.accountOf(accounts[i]).free;
            sum += market.accountOf(accounts[i]).locked;
        }
        assertEq(asset.balanceOf(address(market)), sum, "conservation");
    }

    function expectWrongStatus(Lot memory lot, LotStatus status) internal {
        vm.expectRevert(abi.encodeWithSelector(IMarket.Market_WrongStatus.selector, Hashes.lotId(lot), status));
    }

    function expectSkipped(Lot memory lot, LotStatus status) internal {
        vm.expectEmit(address(market));
        emit IMarket.LotSkipped(Hashes.lotId(lot), status);
    }

    function expectNotAuthorised(address caller, address account) internal {
        vm.expectRevert(abi.encodeWithSelector(IOperators.Operators_NotAuthorised.selector, caller, account));
    }

    function expectNotProvider(address caller) internal {
        expectNotAuthorised(caller, provider);
    }

    function expectNotBuyer(address caller) internal {
        expectNotAuthorised(caller, buyer);
    }

    function expectInsufficientFree(address account, uint256 free, uint256 needed) internal {
        vm.expectRevert(abi.encodeWithSelector(ILedger.Ledger_InsufficientFree.selector, account, free, needed));
    }

    // ---------------------------------------------------------------- shapes

    function noFills() internal pure returns (Fill[] memory) {
        return new Fill[](0);
    }

    function fillsOf(Offer memory offer, uint32 items) internal pure returns (Fill[] memory fills) {
        fills = new Fill[](1);
        fills[0] = fillOf(offer, items);
    }

    /// @notice One lot of a posted offer.
    function fillOf(Offer memory offer, uint32 items) internal pure returns (Fill memory fill) {
        fill = Fill({offer: offer, signature: "", lotItems: new uint32[](1)});
        fill.lotItems[0] = items;
    }

    function noLots() internal pure returns (Lot[] memory) {
        return new Lot[](0);
    }

    function listOf(Lot memory lot) internal pure returns (Lot[] memory lots) {
        lots = new Lot[](1);
        lots[0] = lot;
    }

    function listOf(Lot memory first, Lot memory second) internal pure returns (Lot[] memory lots) {
        lots = new Lot[](2);
        lots[0] = first;
        lots[1] = second;
    }

    function deliveries(Lot memory lot, Submission memory submission) internal pure returns (Delivery[] memory list) {
        list = new Delivery[](1);
        list[0] = Defaults.delivery(lot, submission);
    }

    /// @notice Two lots with the default submission each.
    function deliveries(Lot memory first, Lot memory second) internal pure returns (Delivery[] memory list) {
        list = new Delivery[](2);
        list[0] = Defaults.delivery(first, Defaults.submission());
        list[1] = Defaults.delivery(second, Defaults.submission());
    }

    /// @notice What pays a lot that has the default submission.
    function settlements(Lot memory lot) internal pure returns (Settlement[] memory list) {
        return settlements(lot, Defaults.submission());
    }

    function settlements(
        Lot memory lot,
        Submission memory submission
    ) internal pure returns (Settlement[] memory list) {
        list = new Settlement[](1);
        list[0] = Defaults.settlement(lot, submission);
    }

    function settlements(Lot memory first, Lot memory second) internal pure returns (Settlement[] memory list) {
        list = new Settlement[](2);
        list[0] = Defaults.settlement(first, Defaults.submission());
        list[1] = Defaults.settlement(second, Defaults.submission());
    }

    function jobIdOf(Job memory job) internal view returns (bytes32) {
        return market.jobIdOf(job.buyer, job.request.nonce);
    }

    /// @dev Written out again, as below.
    function domainSeparator() internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256("Millrace"),
                    keccak256("1"),
                    block.chainid,
                    address(market)
                )
            );
    }

    /// @dev Written out again, so that a change of the Market's is noticed. The vectors pin the encoding itself.
    function offerIdOf(Offer memory offer) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Offer(address provider,bytes32 modelId,bytes32 encryptionKey,uint64 promptPricePerMillion,uint64 outputPricePerMillion,uint32 capacityItems,uint32 minLotItems,uint32 maxLotItems,uint96 minLotValue,uint32 maxPromptTokens,uint32 maxOutputTokens,uint32 minTurnaroundSeconds,uint40 validUntil,uint32 epoch,uint64 salt)"
        );
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), keccak256(abi.encode(typeHash, offer))));
    }

    /// @notice The lots assigned since `vm.recordLogs`, as an agent would read them.
    function assignedLots() internal returns (Lot[] memory lots) {
        (lots, ) = assignments();
    }

    /// @notice The same, and the offers that were taken for them.
    function assignments() internal returns (Lot[] memory lots, bytes32[] memory offerIds) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count;
        for (uint256 i = 0; i < logs.length; i++) if (_isAssignment(logs[i])) count++;
        lots = new Lot[](count);
        offerIds = new bytes32[](count);
        count = 0;
        for (uint256 i = 0; i < logs.length; i++) {
            if (!_isAssignment(logs[i])) continue;
            (lots[count], offerIds[count], ) = abi.decode(logs[i].data, (Lot, bytes32, bytes32));
            count++;
        }
    }

    function _isAssignment(Vm.Log memory log) private pure returns (bool) {
        return log.topics[0] == IMarket.LotAssigned.selector;
    }
}
