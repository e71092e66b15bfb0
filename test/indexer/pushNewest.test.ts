import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pushNewest } from "../../indexer/src/api/lib/pushNewest.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Somebody who takes what they are sent when they are told to. */
function slowReader() {
  const written: (number | undefined)[] = [];
  const waiting: (() => void)[] = [];
  const ended = new AbortController();
  let push: (value: number) => void = () => {};
  const unfollow = vi.fn();
  const giveUp = vi.fn(() => {
    ended.abort();
    waiting.shift()?.();
  });
  const done = pushNewest<number>({
    follow: (given) => {
      push = given;
      return unfollow;
    },
    write: (value) => {
      written.push(value);
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
    giveUp,
    signal: ended.signal,
  });
  const take = () => {
    waiting.shift()?.();
    return vi.advanceTimersByTimeAsync(0);
  };
  return { written, take, push: (value: number) => push(value), ended, giveUp, unfollow, done };
}

describe("pushNewest", () => {
  test("keeps the newest alone for who is slow", async () => {
    const reader = slowReader();
    for (let block = 0; block < 10_000; block++) reader.push(block);
    await vi.advanceTimersByTimeAsync(0);
    for (let block = 10_000; block < 20_000; block++) reader.push(block);
    await reader.take();
    await reader.take();
    expect(reader.written).toEqual([9_999, 19_999]);
  });

  test("gives up on who takes nothing for half a minute", async () => {
    const reader = slowReader();
    reader.push(1);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(reader.giveUp).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(reader.giveUp).toHaveBeenCalledOnce();
    await reader.done;
    expect(reader.unfollow).toHaveBeenCalledOnce();
  });

  test("gives a sign of life where nothing happens", async () => {
    const reader = slowReader();
    await vi.advanceTimersByTimeAsync(15_000);
    await reader.take();
    reader.push(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(reader.written).toEqual([undefined, 1]);
  });

  test("ends with the other side", async () => {
    const reader = slowReader();
    reader.ended.abort();
    await reader.done;
    expect(reader.unfollow).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });
});
