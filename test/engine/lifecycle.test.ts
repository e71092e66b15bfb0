import { describe, expect, test } from "vitest";
import { ask, endless, expectCode, modelSha256, openEngine } from "./fixture.ts";

const short = ask("Tell me a story about a dog.", { max_tokens: 8 });
const long = (animal: string) => ask(`Tell me a story about a ${animal}.`, { max_tokens: 300, ...endless });

describe("abort", () => {
  test("a signal that has fired already keeps the request from starting", async () => {
    await using engine = await openEngine({ sequences: 1 });
    await expectCode(engine.infer(short, { signal: AbortSignal.abort() }), "aborted");
    expect(engine.stats().completionTokens).toBe(0);
  });

  test("a running request stops, a waiting one leaves the queue, and others go on as if they had not been", async () => {
    await using engine = await openEngine({ sequences: 2 });
    const expected = await engine.infer(short);
    const controller = new AbortController();
    const started = engine.infer(short);
    const running = expectCode(engine.infer(long("cat"), { signal: controller.signal }), "aborted");
    const alsoRunning = engine.infer(long("frog"));
    const waiting = expectCode(engine.infer(long("bird"), { signal: controller.signal }), "aborted");
    await started;
    controller.abort(new Error("enough"));
    const error = await running;
    expect(error.cause).toEqual(new Error("enough"));
    await waiting;
    expect((await alsoRunning).usage.completionTokens).toBe(300);
    expect((await engine.infer(short)).tokenIds).toEqual(expected.tokenIds);
  });
});

describe("close", () => {
  test("finishes what runs, refuses what waits and what comes", async () => {
    const engine = await openEngine({ sequences: 2 });
    const first = engine.infer(short);
    const running = engine.infer(long("cat"));
    // Whether this one's turn comes just before close() or not is nobody's business; it never hangs.
    const next = engine.infer(long("frog")).catch((error: unknown) => error);
    const waiting = expectCode(engine.infer(long("bird")), "engine-closed");
    await first;
    const closed = engine.close();
    expect(engine.close()).toBe(closed);
    await waiting;
    await expectCode(engine.infer(short), "engine-closed");
    expect((await running).usage.completionTokens).toBe(300);
    await next;
    await closed;
    await expectCode(engine.infer(short), "engine-closed");
  });

  test("of one engine leaves another in the same process alone", async () => {
    await using one = await openEngine({ sequences: 2 });
    const other = await openEngine({ sequences: 3 });
    const [here, there] = await Promise.all([one.infer(short), other.infer(short)]);
    expect(there!.tokenIds).toEqual(here!.tokenIds);
    await other.close();
    expect((await one.infer(short)).tokenIds).toEqual(here!.tokenIds);
  });
});

describe("start", () => {
  test("measures threads and sequences when they are not given", async () => {
    await using engine = await openEngine({ threads: undefined, sequences: undefined } as never);
    expect(engine.sequences).toBeGreaterThanOrEqual(1);
    expect(engine.sequences).toBeLessThanOrEqual(32);
    expect(engine.threads).toBeGreaterThanOrEqual(1);
    expect(engine.tokensPerSecond).toBeGreaterThan(0);
    expect((await engine.infer(short)).usage.completionTokens).toBe(8);
  });

  test("accepts the expected file and refuses another", async () => {
    await using engine = await openEngine({ sha256: modelSha256 });
    expect(engine.model.sha256).toBe(modelSha256);
    await expectCode(openEngine({ sha256: `0x${"11".repeat(32)}` }), "model-hash-mismatch");
  });

  test("can be aborted", async () => {
    await expectCode(openEngine({ signal: AbortSignal.abort() }), "aborted");
  });

  test("a context smaller than the model's binds requests", async () => {
    await using engine = await openEngine({ contextTokens: 256 });
    expect(engine.contextTokens).toBe(256);
    await engine.infer({ ...short, max_tokens: 200 });
    await expectCode(engine.infer({ ...short, max_tokens: 250 }), "invalid-input");
  });
});
