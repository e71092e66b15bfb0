// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What is in dispute.
enum CaseKind {
    /// An item of the lot's audit set: a fault slashes the lot.
    Audit,
    /// Any other item: a fault voids that item alone.
    Item,
    /// Whether the results can be had and opened now.
    Delivery
}

/// @notice How a case ends.
enum Verdict {
    /// No jury came together that could decide, or something else decided the lot.
    None,
    /// The provider is right.
    Rejected,
    /// Between the lines: the provider is paid, the bonds bear the fees.
    Inconclusive,
    /// The challenger is right.
    Fault
}

/// @notice The lifecycle of what the court holds a lot for. Whatever has a deadline is acted on at t ≤ deadline; after
/// it, what is written beside `lapse` is all that is left. `conclude` and `decide` are open to anyone.
///
///   challenge ──▶ Answer ── answer ──▶ Evidence ── openEvidence ──▶ Drawing ──▶ draw ──▶ Keys ── shareKeys ──▶ Commit
///   objectDelivery  │ lapse: openEvidence     │ lapse               ▲ │ lapse             │ lapse             │
///        ▲          │ for one more phase      ▼                     │ ▼                   ▼                   │
///        │          └─────── lapse ──────▶ conclude                 │ conclude         conclude               │
///        │                                                          │                                        ▼
///   Answered ◀── answerDelivery ── Demanded ◀── demandDelivery      ├── decide, too few ◀──────────────── Reveal
///        │ lapse                      │ lapse                       │                                        │ decide
///        ▼                            ▼                             │ appeal                                 ▼
///     conclude                     conclude                         └───────────────────────── Decided ── conclude
///                                                                                              (Failed)
///
/// Commit turns into Reveal when all have committed, or by itself after its deadline, for one phase. A jury of which too
/// few revealed is drawn again, twice at most; then the case is Failed: the verdict before the appeal stands, if there was
/// one.
enum CaseStatus {
    /// None, or over.
    None,
    /// The provider owes the buyer the results once more.
    Demanded,
    /// The provider says they delivered; the buyer may object.
    Answered,
    /// The provider may add a secret to the draw.
    Answer,
    /// The challenger owes their secret and the evidence.
    Evidence,
    /// A jury waits to be drawn.
    Drawing,
    /// The jurors wait for the keys to the evidence.
    Keys,
    /// The jurors commit to their votes.
    Commit,
    /// All have committed, and reveal.
    Reveal,
    /// There is a verdict; who lost may appeal, unless it is the last.
    Decided,
    /// The last jury could not decide, nor those drawn after it.
    Failed
}

/// @notice What the court holds a lot for, unpacked. All fields fit the bits that a Docket has for them.
struct Case {
    bytes32 lotId;
    /// @dev Who bonded the challenge, or demanded the delivery: the buyer or the job's auditor.
    address challenger;
    /// @dev Last second of what the status waits for.
    uint256 deadline;
    /// @dev Of the job's version, as is the fee.
    uint256 phaseSeconds;
    CaseStatus status;
    CaseKind kind;
    /// @dev Of the last jury that decided.
    Verdict verdict;
    /// @dev How many appeals there were.
    uint256 round;
    /// @dev How often the jury was drawn again: two bits for each round, from the lowest up.
    uint256 redraws;
    /// @dev Of this lot, this one included.
    uint256 challenges;
    /// @dev Of this lot's delivery, this one included.
    uint256 demands;
    /// @dev In base units of the asset.
    uint256 jurorFee;
    /// @dev What a juror can lose, in fees.
    uint256 penaltyFees;
    /// @dev Seconds that were left of the lot's window.
    uint256 windowLeft;
    /// @dev The hash of the block after it decides the draw.
    uint256 armedBlock;
    /// @dev The challenged item, counted from 0 within the lot.
    uint256 index;
    /// @dev How many fees the lot's collateral covers; 255 for as many and more.
    uint256 coveredFees;
}

/// @notice A case as it is stored. When it is over, all is zero but the two counts in its head.
struct Docket {
    /// @dev From the lowest bits up: 160 challenger, 40 deadline, 24 phase, 4 status, 2 kind, 2 verdict, 2 round, 6 redraws,
    /// 2 challenges, 2 demands. All that most calls read and write.
    uint256 head;
    /// @dev From the lowest bits up: 96 fee, 24 window left, 40 armed block, 32 index, 8 covered fees,
    /// 16 penalty's fees.
    uint256 terms;
    /// @dev The hash of the challenger's secret; then that with the provider's; then the seed of all draws.
    bytes32 seed;
    /// @dev Only once they appealed.
    address provider;
}

using Dockets for Docket global;

/// @title Packing cases
library Dockets {
    /// @notice All of a case but its terms.
    function readHead(Docket storage self, bytes32 lotId) internal view returns (Case memory c) {
        uint256 head = self.head;
        c.lotId = lotId;
        // Each as many bits as were written.
        c.challenger = address(uint160(head));
        c.deadline = uint40(head >> 160);
        c.phaseSeconds = uint24(head >> 200);
        c.status = CaseStatus((head >> 224) & 15);
        c.kind = CaseKind((head >> 228) & 3);
        c.verdict = Verdict((head >> 230) & 3);
        c.round = (head >> 232) & 3;
        c.redraws = (head >> 234) & 63;
        c.challenges = (head >> 240) & 3;
        c.demands = (head >> 242) & 3;
    }

    function readTerms(Docket storage self, Case memory c) internal view {
        uint256 terms = self.terms;
        c.jurorFee = uint96(terms);
        c.windowLeft = uint24(terms >> 96);
        c.armedBlock = uint40(terms >> 120);
        c.index = uint32(terms >> 160);
        c.coveredFees = uint8(terms >> 192);
        c.penaltyFees = uint16(terms >> 200);
    }

    /// @dev Rounds, challenges and demands are at most 2, and so are redraws of each of three rounds.
    function writeHead(Docket storage self, Case memory c) internal {
        self.head =
            uint256(uint160(c.challenger)) |
            (c.deadline << 160) |
            (c.phaseSeconds << 200) |
            (uint256(c.status) << 224) |
            (uint256(c.kind) << 228) |
            (uint256(c.verdict) << 230) |
            (c.round << 232) |
            (c.redraws << 234) |
            (c.challenges << 240) |
            (c.demands << 242);
    }

    function writeTerms(Docket storage self, Case memory c) internal {
        self.terms =
            c.jurorFee |
            (c.windowLeft << 96) |
            (c.armedBlock << 120) |
            (c.index << 160) |
            (c.coveredFees << 192) |
            (c.penaltyFees << 200);
    }
}

/// @notice That an item stands in a lot's audit set.
struct AuditProof {
    /// @dev Of the buyer, for this assignment of the lot.
    bytes32 secret;
    /// @dev From the secret's leaf to the job's `auditRoot`, lowest first.
    bytes32[] path;
    /// @dev The item's place in the set; the highest number for an item outside it.
    uint32 position;
}
