import { pino } from "pino";
import { keccak256 } from "viem";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createVisits } from "../../../provider-agent/src/juror/visits.ts";

const lotId = keccak256("0x01");
const logger = pino({ level: "silent" });
let stopping: AbortController;

beforeEach(() => {
  stopping = new AbortController();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function visitsWith(visit: () => Promise<number | undefined>) {
  return createVisits({ visit, retrySeconds: 15, logger, signal: stopping.signal });
}

test("a case is looked at again when its visit asked for it", async () => {
  const visit = vi.fn(async (): Promise<number | undefined> => 60);
  const visits = visitsWith(visit);
  visits.wake(lotId);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(visit).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(visit).toHaveBeenCalledTimes(2);
  expect(visits.lotIds).toEqual([lotId]);
});

test("one that is over is forgotten", async () => {
  const visits = visitsWith(async () => undefined);
  visits.wake(lotId);
  await vi.advanceTimersByTimeAsync(0);
  expect(visits.has(lotId)).toBe(false);
});

test("events during a visit lead to one more after it, never to two at once", async () => {
  const visiting: PromiseWithResolvers<number>[] = [];
  const visits = visitsWith(() => {
    const running = Promise.withResolvers<number>();
    visiting.push(running);
    return running.promise;
  });
  visits.wake(lotId);
  visits.wake(lotId);
  visits.wakeAll();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(visiting).toHaveLength(1);
  visiting[0]!.resolve(60);
  await vi.advanceTimersByTimeAsync(0);
  expect(visiting).toHaveLength(2);
  visiting[1]!.resolve(60);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(visiting).toHaveLength(2);
});

test("a visit that fails is repeated", async () => {
  const visit = vi
    .fn<() => Promise<number | undefined>>()
    .mockRejectedValueOnce(new Error("the endpoint is away"))
    .mockResolvedValue(undefined);
  const visits = visitsWith(visit);
  visits.wake(lotId);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(visit).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(visit).toHaveBeenCalledTimes(2);
  expect(visits.has(lotId)).toBe(false);
});

test("closing waits for the visit under way, and none comes after it", async () => {
  const running = Promise.withResolvers<number>();
  const visit = vi.fn(() => running.promise);
  const visits = visitsWith(visit);
  visits.wake(lotId);
  stopping.abort();
  let isClosed = false;
  const closing = visits.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(isClosed).toBe(false);
  running.resolve(1);
  await closing;
  await vi.advanceTimersByTimeAsync(60_000);
  visits.wake(lotId);
  expect(visit).toHaveBeenCalledTimes(1);
});
