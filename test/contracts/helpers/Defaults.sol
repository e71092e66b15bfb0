// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CourtParameters} from "../../../contracts/types/CourtParameters.sol";
import {Job, JobRequest} from "../../../contracts/types/Job.sol";
import {Delivery, Lot, LotRange, LotTerms, Settlement, Submission} from "../../../contracts/types/Lot.sol";
import {MarketParameters} from "../../../contracts/types/MarketParameters.sol";
import {Offer} from "../../../contracts/types/Offer.sol";
import {Totals} from "../../../contracts/types/Receipt.sol";
import {Hashes} from "../../../contracts/libraries/Hashes.sol";

/// @title The numbers that tests start from
/// @notice One item has 1,000 prompt and 500 output tokens at most. At the limit it costs 2,000 base units, at the
/// offer's price 1,600: ten items are 20,000 of escrow and 16,000 of value.
library Defaults {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant DEPOSIT = 1_000_000_000;
    uint32 internal constant ITEMS = 10;
    uint256 internal constant ITEM_ESCROW = 2_000;
    uint256 internal constant ESCROW = 20_000;
    uint256 internal constant VALUE = 16_000;
    /// @dev max(10 % of the value, limit − value grossed up by the bounty: ceil(4,000 ÷ 0.9))
    uint256 internal constant PENALTY = 4_445;
    uint256 internal constant BOUNTY = 444;
    uint256 internal constant COLLATERAL = 16_000;
    uint256 internal constant RELEASE_CHARGE = 100;
    /// @dev Of the default submission: 6,000 × 0.8 + 4,000 × 1.6.
    uint256 internal constant DUE = 11_200;
    uint256 internal constant FEE = 112;

    bytes32 internal constant MODEL = keccak256("model");
    bytes32 internal constant BUYER_KEY = keccak256("buyer's encryption key");
    bytes32 internal constant PROVIDER_KEY = keccak256("provider's encryption key");

    function parameters() internal pure returns (MarketParameters memory) {
        return
            MarketParameters({
                feeBps: 100,
                collateralBps: 10_000,
                penaltyBps: 1_000,
                releaseBps: 50,
                bountyBps: 1_000,
                graceSeconds: 30,
                submitGraceSeconds: 5,
                windowSeconds: 60,
                bidSeconds: 30 days,
                minLotCollateral: 10_000,
                receiptFee: 500,
                answerSeconds: 20
            });
    }

    function courtParameters() internal pure returns (CourtParameters memory) {
        return
            CourtParameters({
                seatStake: 10_000,
                jurorFee: 500,
                minSeats: 23,
                kappaBps: 10_000,
                activationSeconds: 60,
                phaseSeconds: 30
            });
    }

    function offer(address provider) internal pure returns (Offer memory) {
        return
            Offer({
                provider: provider,
                modelId: MODEL,
                encryptionKey: PROVIDER_KEY,
                promptPricePerMillion: 800_000,
                outputPricePerMillion: 1_600_000,
                capacityItems: 100,
                minLotItems: 1,
                maxLotItems: 50,
                minLotValue: 0,
                maxPromptTokens: 1_000,
                maxOutputTokens: 500,
                minTurnaroundSeconds: 600,
                validUntil: uint40(START + 1 days),
                epoch: 0,
                salt: 0
            });
    }

    function request() internal pure returns (JobRequest memory) {
        return
            JobRequest({
                nonce: 1,
                modelId: MODEL,
                inputRoot: keccak256("input root"),
                auditRoot: keccak256("audit root"),
                encryptionKey: BUYER_KEY,
                auditor: address(0),
                itemCount: ITEMS,
                promptTokensCap: 1_000,
                outputTokensCap: 500,
                promptLimitPerMillion: 1_000_000,
                outputLimitPerMillion: 2_000_000,
                startBps: 5_000,
                rampSeconds: 1_000,
                turnaroundSeconds: 600,
                minLotItems: 2,
                minLotValue: 0
            });
    }

    function submission() internal pure returns (Submission memory) {
        return
            Submission({
                root: keccak256("receipts root"),
                resultsHash: keccak256("results"),
                resultsKeyHash: keccak256("results key"),
                totals: Totals({promptTokens: 6_000, outputTokens: 4_000, errors: 0})
            });
    }

    /// @notice The terms of a job that `buyer` opens now.
    function job(address buyer, JobRequest memory jobRequest) internal view returns (Job memory) {
        return Job({buyer: buyer, openedAt: uint40(block.timestamp), parametersVersion: 1, request: jobRequest});
    }

    /// @notice What pays `lot` after `submitted`.
    function settlement(Lot memory lot, Submission memory submitted) internal pure returns (Settlement memory) {
        return
            Settlement({range: range(lot), resultsDigest: Hashes.resultsDigest(submitted), totals: submitted.totals});
    }

    function delivery(Lot memory lot, Submission memory submitted) internal pure returns (Delivery memory) {
        return Delivery({range: range(lot), submission: submitted});
    }

    /// @notice What `lot` has in common with others of its fill.
    function terms(Lot memory lot) internal pure returns (LotTerms memory) {
        return
            LotTerms({
                jobId: lot.jobId,
                buyer: lot.buyer,
                provider: lot.provider,
                promptPricePerMillion: lot.promptPricePerMillion,
                outputPricePerMillion: lot.outputPricePerMillion,
                graceEndsAt: lot.graceEndsAt,
                deadline: lot.deadline,
                windowSeconds: lot.windowSeconds,
                feeBps: lot.feeBps,
                bountyBps: lot.bountyBps
            });
    }

    /// @notice What `lot` has for itself.
    function range(Lot memory lot) internal pure returns (LotRange memory) {
        return
            LotRange({
                firstItem: lot.firstItem,
                itemCount: lot.itemCount,
                attempt: lot.attempt,
                escrow: lot.escrow,
                collateral: lot.collateral,
                penalty: lot.penalty,
                releaseCharge: lot.releaseCharge
            });
    }
}
