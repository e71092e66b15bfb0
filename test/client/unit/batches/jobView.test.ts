import { commitmentOf, lotStatuses } from "@millrace/protocol";
import { describe, expect, test } from "vitest";
import { viewJob } from "../../../../client/src/batches/jobView.ts";
import {
  assigned,
  DUE,
  event,
  job,
  lotOf,
  opened,
  submission,
  submitted,
  WINDOW_END,
  word,
} from "./fixture.ts";

describe("viewJob", () => {
  test("knows nothing of a job that is not opened", () => {
    expect(viewJob([])).toEqual({ job: undefined, lots: new Map(), bidItems: 0, closed: undefined });
  });

  test("what is not assigned is a bid, until it is withdrawn", () => {
    const logs = [opened(), assigned(1, lotOf(1, 0, 4))];

    expect(viewJob(logs)).toMatchObject({ job, bidItems: 6, closed: undefined });
    const closed = event("JobClosed", { firstItem: 4, itemCount: 6, refund: 1_080n });
    expect(viewJob([...logs, closed])).toMatchObject({ bidItems: 0, closed: { firstItem: 4, itemCount: 6 } });
  });

  test("follows a lot to its settlement", () => {
    const lot = lotOf(1, 0, 10);
    const logs = [opened(), assigned(1, lot)];
    const at = () => viewJob(logs).lots.get(word(1));

    expect(at()).toMatchObject({ status: "assigned", lot, encryptionKey: word(5) });
    logs.push(submitted(1, lot));
    expect(at()).toMatchObject({
      status: "submitted",
      due: DUE,
      commitment: commitmentOf(word(1), submission),
      windowEnd: WINDOW_END,
    });
    logs.push(
      event("LotSettled", {
        lotId: word(1),
        provider: lot.provider,
        paid: 99n,
        fee: 1n,
        refund: 80n,
        forfeit: 0n,
      }),
    );
    expect(at()).toMatchObject({
      status: "settled",
      settled: { paid: 99n, fee: 1n, refund: 80n, forfeit: 0n },
    });
  });

  test.for([
    ["LotExpired", "expired"],
    ["LotReleased", "released"],
    ["LotSlashed", "slashed"],
  ] as const)(
    "a lot that reopened (%s) is closed when it is taken again, and its items are not a bid",
    ([eventName, reopened]) => {
      const logs = [opened(), assigned(1, lotOf(1, 0, 10)), event(eventName, { lotId: word(1) })];
      expect(viewJob(logs).lots.get(word(1))).toMatchObject({ status: "open", reopened });

      logs.push(event("LotClosed", { lotId: word(1), refund: 0n }), assigned(2, lotOf(2, 0, 10, 1)));

      const view = viewJob(logs);
      expect(view.lots.get(word(1))).toMatchObject({ status: "closed" });
      expect(view.lots.get(word(2))).toMatchObject({ status: "assigned" });
      expect(view.bidItems).toBe(0);
    },
  );

  test.for(["demanded", "challenged"] as const)("follows a lot that is held: %s", (status) => {
    const lot = lotOf(1, 0, 10);
    const held = event("LotHeld", {
      lotId: word(1),
      status: lotStatuses.indexOf(status),
      until: 1_700_000_500,
    });
    const logs = [opened(), assigned(1, lot), submitted(1, lot), held];
    expect(viewJob(logs).lots.get(word(1))).toMatchObject({ status, windowEnd: 1_700_000_500 });

    logs.push(event("LotResumed", { lotId: word(1), windowEnd: 1_700_000_600 }));

    expect(viewJob(logs).lots.get(word(1))).toMatchObject({
      status: "submitted",
      windowEnd: 1_700_000_600,
      submission,
    });
  });

  test("what a lot is due is never above its escrow", () => {
    const lot = { ...lotOf(1, 0, 10), escrow: 99n };
    const view = viewJob([opened(), assigned(1, lot), submitted(1, lot)]);

    expect(view.lots.get(word(1))!.due).toBe(99n);
  });

  test("a top-up raises the limits in the job's terms, and nothing else", () => {
    const limits = { promptLimitPerMillion: 300_000n, outputLimitPerMillion: 900_000n };
    const view = viewJob([opened(), event("JobToppedUp", { ...limits, amount: 50n })]);

    expect(view.job).toEqual({ ...job, request: { ...job.request, ...limits } });
    expect(view.bidItems).toBe(10);
  });

  test("after a reorg says what the new branch says", () => {
    const lot = lotOf(1, 0, 10);
    const base = [opened(), assigned(1, lot)];
    const before = viewJob([...base, submitted(1, lot)]);
    const after = viewJob([...base, event("LotExpired", { lotId: word(1) })]);

    expect(before.lots.get(word(1))!.status).toBe("submitted");
    expect(after.lots.get(word(1))).toMatchObject({ status: "open" });
    expect(after.lots.get(word(1))!.submission).toBeUndefined();
  });
});
