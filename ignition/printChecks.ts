import type { Check } from "./checkDeployment.ts";

/** Prints every check, and says whether all are right. */
export function printChecks(checks: readonly Check[], say: (text: string) => void): boolean {
  for (const { what, expected, found, isRight } of checks) {
    say(isRight ? `ok      ${what}: ${found}` : `WRONG   ${what}: ${found}, not ${expected}`);
  }
  const wrong = checks.filter(({ isRight }) => !isRight).length;
  say(
    wrong === 0 ? `All ${checks.length} hold: nobody has a key to this deployment.` : `${wrong} do not hold.`,
  );
  return wrong === 0;
}
