import { MillraceError } from "@millrace/protocol";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../../../client/src/core/clock.ts";
import { Tasks } from "../../../../client/src/core/tasks.ts";

function setUp() {
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
  const errors: MillraceError[] = [];
  const { signal } = new AbortController();
  const tasks = new Tasks({ clock, signal, onError: (error) => errors.push(error) });
  return { tasks, errors, clock };
}

const failure = (retryable: boolean) => new MillraceError("no", { code: "no", retryable });

describe("Tasks", () => {
  test("runs a name once at a time", async () => {
    const { tasks } = setUp();
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const work = () => {
      runs++;
      return gate.promise;
    };

    tasks.start("send a", work);
    tasks.start("send a", work);
    tasks.start("send b", work);

    expect(runs).toBe(2);
    expect(tasks.countRunning("send")).toBe(2);
    expect(tasks.countRunning("other")).toBe(0);
    gate.resolve();
    await tasks.settled();
    tasks.start("send a", work);
    expect(runs).toBe(3);
  });

  test("starts what may be retried again after a delay that doubles", async () => {
    const { tasks, errors, clock } = setUp();
    const starts: number[] = [];
    for (let ms = 0; ms <= 2_000; ms += 100) {
      tasks.start("a", async () => {
        starts.push(clock.now());
        throw failure(true);
      });
      await tasks.settled();
      await clock.sleep(100);
    }

    expect(starts).toEqual([0, 200, 600, 1_400]);
    expect(errors).toHaveLength(4);
  });

  test("waits longer each time that the work itself asks for a delay, until it asks for none", async () => {
    const { tasks, clock } = setUp();
    const starts: number[] = [];
    for (let ms = 0; ms <= 1_000; ms += 100) {
      tasks.start("a", async () => {
        starts.push(clock.now());
        if (starts.length < 3) tasks.delay("a");
      });
      await tasks.settled();
      await clock.sleep(100);
    }

    expect(starts).toEqual([0, 200, 600, 700, 800, 900, 1_000]);
  });

  test("never starts again what failed for good", async () => {
    const { tasks, errors, clock } = setUp();
    let runs = 0;
    for (let i = 0; i < 3; i++) {
      tasks.start("a", async () => {
        runs++;
        throw failure(false);
      });
      await tasks.settled();
      await clock.sleep(100_000);
    }

    expect(runs).toBe(1);
    expect(errors).toHaveLength(1);
  });

  test("gives errors without a name one", async () => {
    const { tasks, errors } = setUp();
    tasks.start("a", async () => {
      throw new TypeError("oops");
    });
    await tasks.settled();

    expect(errors[0]).toMatchObject({ code: "internal", shortMessage: "oops" });
  });
});
