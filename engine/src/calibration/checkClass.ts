import {
  CLEAN_RATIO,
  FAULT_RATIO,
  type ItemScore,
  MillraceError,
  type ModelClass,
  POOLED_TOKENS,
  ratioOf,
  type Tolerance,
} from "@millrace/protocol";
import type { Engine } from "../engine.ts";
import type { EngineErrorCode } from "../errors.ts";
import { ENGINE_RELEASE } from "../release.ts";
import { type CheatKind, cheatClaim, cheatRequest } from "./cheats.ts";
import { type Claim, claimedItemOf, claimOf } from "./claims.ts";
import { type CalibrationItem, calibrationItems } from "./items.ts";

/** What a class makes of this machine's own outputs. */
export interface ClassCheck {
  /** Of outputs as they are; at most 0.5. */
  honestRatio: number;
  /** Of outputs tampered with, the least; at least 1.5. */
  tamperedRatio: number;
}

/** As many as are judged together. */
const itemCount = 4;
/** Together they are enough for their mean to count. */
const outputTokens = POOLED_TOKENS / 2;
const tamperings = ["edited-token", "other-seed"] as const satisfies CheatKind[];

/**
 * Tries a class on this machine, for a few seconds at most: its own honest outputs must be clean, and the same tampered
 * with must be faults. Whoever serves or judges by a class does this first, since a class may come from anybody: thresholds
 * near zero would slash the honest, and very large ones would free every cheat.
 *
 * @throws MillraceError `calibration-fails-here` if the class has no tolerance, is of another engine, or fails either
 *   test; or what {@link Engine.infer} throws
 */
export async function checkClass(
  engine: Pick<Engine, "infer" | "score" | "contextTokens">,
  modelClass: ModelClass,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ClassCheck> {
  const { tolerance } = modelClass;
  if (modelClass.engine !== ENGINE_RELEASE)
    throw failsHere(`It is for ${modelClass.engine}, this is ${ENGINE_RELEASE}.`);
  if (!tolerance) throw failsHere("It has no tolerance: outputs cannot be judged by it.");

  const items = calibrationItems({
    count: itemCount,
    contextTokens: engine.contextTokens,
    kinds: ["story", "flat"],
    temperature: 1,
  }).map((item) => ({ ...item, request: { ...item.request, max_tokens: outputTokens } }));
  const claims = await Promise.all(items.map((item) => claimOf(engine, item, signal)));
  const judge = async (judged: readonly Claim[]) =>
    ratioOf(await scoresOf(engine, judged, { tolerance, signal }), tolerance);
  const honestRatio = await judge(claims);
  if (honestRatio > CLEAN_RATIO)
    throw failsHere(`Honest outputs of this machine have a ratio of ${format(honestRatio)}.`);

  let tamperedRatio = Number.POSITIVE_INFINITY;
  for (const kind of tamperings) {
    const ratio = await judge(await tamperWith(engine, kind, { items, claims, signal }));
    if (ratio < FAULT_RATIO) throw failsHere(`Outputs with ${kind} have a ratio of ${format(ratio)} only.`);
    tamperedRatio = Math.min(tamperedRatio, ratio);
  }
  return { honestRatio, tamperedRatio };
}

async function tamperWith(
  engine: Pick<Engine, "infer">,
  kind: CheatKind,
  {
    items,
    claims,
    signal,
  }: { items: readonly CalibrationItem[]; claims: readonly Claim[]; signal: AbortSignal | undefined },
): Promise<Claim[]> {
  const tampered = items.map(async (item, index) => {
    const request = cheatRequest(kind, item);
    const honest = claims[index]!;
    const generated = request === item ? honest : await claimOf(engine, request, signal);
    return cheatClaim(kind, { generated, honest });
  });
  return (await Promise.all(tampered)).filter((claim) => claim !== undefined);
}

function scoresOf(
  engine: Pick<Engine, "score" | "contextTokens">,
  claims: readonly Claim[],
  { tolerance: { epsilon }, signal }: { tolerance: Tolerance; signal: AbortSignal | undefined },
): Promise<ItemScore[]> {
  const { contextTokens } = engine;
  return Promise.all(
    claims.map((claim) =>
      engine.score(claimedItemOf(claim, { contextTokens, epsilon }), { ...(signal && { signal }) }),
    ),
  );
}

const format = (ratio: number) => ratio.toPrecision(3);

function failsHere(details: string): MillraceError {
  return new MillraceError("The model's class cannot be used on this machine.", {
    code: "calibration-fails-here" satisfies EngineErrorCode,
    details,
    hints: ["Use a class that was made with `millrace-provider calibrate`, perhaps your own."],
  });
}
