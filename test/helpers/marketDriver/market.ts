import { startAnvil } from "./anvil.ts";
import { PHASE_SECONDS } from "./trial.ts";

const JUROR_FEE = 1_000n;

/** A chain whose parameters the scenes know. */
export const startMarket = () =>
  startAnvil({
    marketParameters: {
      graceSeconds: 60,
      submitGraceSeconds: 60,
      windowSeconds: 600,
      bidSeconds: 86_400,
      minLotCollateral: 10n * JUROR_FEE,
      receiptFee: 500n,
      answerSeconds: PHASE_SECONDS,
    },
    courtParameters: {
      // Enough for some penalties.
      seatStake: 10_000n * JUROR_FEE,
      jurorFee: JUROR_FEE,
      minSeats: 5,
      kappaBps: 50_000,
      activationSeconds: PHASE_SECONDS,
      phaseSeconds: PHASE_SECONDS,
    },
  });
