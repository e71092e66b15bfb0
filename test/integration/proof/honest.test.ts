import type { BatchEvent } from "@millrace/client";
import { calibrationSettings, openWorkbench } from "@millrace/engine/calibration";
import { FAULT_RATIO } from "@millrace/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Arena } from "../../helpers/cheats/index.ts";
import { MODEL_PATH, openArena } from "./fixture.ts";
import { workbenchEngine } from "./workbenchEngine.ts";

/** Settings that other machines are to run: a GPU's, and kernels for processors that this one is not. */
const foreign: string[] = [];
const settings = await calibrationSettings();

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

test.for(settings)("honest work is paid under the setting $name", async (setting) => {
  await using workbench = await openWorkbench({ modelPath: MODEL_PATH, setting });
  if (!workbench) {
    // Nothing to be held to here; the last test sees to it that this is not said of all.
    foreign.push(setting.name);
    return;
  }
  const events: BatchEvent[] = [];
  const { slash, result, cheat, before, after } = await arena.playHonestly({
    engine: workbenchEngine(workbench, arena.engine),
    items: 8,
    onEvent: (event) => events.push(event),
  });
  expect(slash).toBeUndefined();
  expect(result.items).toEqual({ total: 8, completed: 8, failed: 0 });
  expect(result.settlement.providers).toEqual([
    expect.objectContaining({ address: cheat.address, items: 8 }),
  ]);
  expect(after.cheat - before.cheat).toBe(result.settlement.paid);
  const [checked] = events.flatMap((event) => (event.type === "lot-checked" ? [event] : []));
  expect(checked).toMatchObject({ provider: cheat.address, items: 8 });
  expect(checked!.ratio).toBeLessThan(FAULT_RATIO);
  expect(events.map(({ type }) => type)).not.toContain("lot-faulty");
});

test("this machine runs the settings without a GPU, and kernels beside its own", () => {
  const ran = settings.filter(({ name }) => !foreign.includes(name));
  const plain = settings.filter(({ gpu, kernel }) => !gpu && kernel === undefined);
  expect(ran).toEqual(expect.arrayContaining(plain));
  const kernels = settings.filter(({ kernel }) => kernel !== undefined);
  if (kernels.length > 0) expect(ran.some(({ kernel }) => kernel !== undefined)).toBe(true);
});
