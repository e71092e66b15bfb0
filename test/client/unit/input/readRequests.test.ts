import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRequests } from "../../../../client/src/input/readRequests.ts";

const line = (customId: string, body: object = {}) =>
  JSON.stringify({
    custom_id: customId,
    method: "POST",
    url: "/v1/chat/completions",
    body: { model: "m", messages: [{ role: "user", content: "hi" }], ...body },
  });

/** A stream that brings a text's bytes in pieces of `size`, reusing its buffer as file streams may. */
async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const buffer = new Uint8Array(size);
  for (let start = 0; start < bytes.length; start += size) {
    const piece = bytes.subarray(start, start + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

describe("readRequests", () => {
  test("reads ids and bodies in order, with the lines they stand in", async () => {
    const requests = await readRequests(`${line("a")}\n${line("b", { max_tokens: 3 })}\n`);

    expect(requests.map(({ customId, line: number }) => [customId, number])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(requests[1]!.body.max_tokens).toBe(3);
  });

  test("keeps the body's keys in the user's order, and those it does not know", async () => {
    const body = { top_p: 1, model: "m", messages: [{ content: "x", role: "user" }], future: { a: 1 } };
    const text = JSON.stringify({ custom_id: "a", method: "POST", url: "/v1/chat/completions", body });

    const [request] = await readRequests(text);

    expect(JSON.stringify(request!.body)).toBe(JSON.stringify(body));
  });

  test("tolerates a byte-order mark, CRLF, blank lines and a missing last line end", async () => {
    const requests = await readRequests(`\uFEFF${line("a")}\r\n\r\n  \n${line("b")}`);

    expect(requests.map(({ customId, line: number }) => [customId, number])).toEqual([
      ["a", 1],
      ["b", 4],
    ]);
  });

  test("takes any text, however its bytes come, and splits at line feeds alone", async () => {
    const content = fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => `${text}\u2028\u2029\u0085`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (contents, size) => {
          const text = contents
            .map((c, i) => line(`id-${i}`, { messages: [{ role: "user", content: c }] }))
            .join("\n");

          const requests = await readRequests(inPieces(text, size));

          expect(requests.map(({ body }) => body.messages[0]!.content)).toEqual(contents);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("a lone surrogate in an escape survives as it was written", async () => {
    const [request] = await readRequests(line("a").replace('"hi"', '"\\ud83d"'));

    expect(JSON.stringify(request!.body)).toContain("\\ud83d");
  });

  test.for<[string, string, string]>([
    ["not JSON", "{", ""],
    ["no object", "[]", ""],
    ["no id", line("a").replace("custom_id", "id"), "custom_id"],
    ["an empty id", line(""), "custom_id"],
    ["a number as id", line("a").replace('"a"', "7"), "custom_id"],
    ["another method", line("a").replace("POST", "GET"), "method"],
    ["another url", line("a").replace("chat/completions", "embeddings"), "url"],
    ["no model", line("a", { model: undefined }), "body.model"],
    ["no messages", line("a", { messages: [] }), "body.messages"],
    ["a message without a role", line("a", { messages: [{ content: "x" }] }), "body.messages[0].role"],
    [
      "content of another type",
      line("a", { messages: [{ role: "user", content: 1 }] }),
      "body.messages[0].content",
    ],
    ["zero tokens", line("a", { max_tokens: 0 }), "body.max_tokens"],
    ["half a token", line("a", { max_completion_tokens: 0.5 }), "body.max_completion_tokens"],
    ["a hot temperature", line("a", { temperature: 1.6 }), "body.temperature"],
    ["a temperature too near to 0", line("a", { temperature: 0.1 }), "body.temperature"],
    ["a broken seed", line("a", { seed: 1.5 }), "body.seed"],
    ["a stream", line("a", { stream: true }), "body.stream"],
  ])("names line and field of %s", async ([, text, field]) => {
    const run = readRequests(`${line("good")}\n${text}\n`);

    await expect(run).rejects.toMatchObject({
      code: "malformed-line",
      problems: [expect.objectContaining({ line: 2, field })],
    });
  });

  test("lists ten problems and counts the rest", async () => {
    const run = readRequests(Array.from({ length: 13 }, () => "{").join("\n"));

    await expect(run).rejects.toMatchObject({
      shortMessage: expect.stringContaining("13"),
      problems: { length: 10 },
      details: expect.stringContaining("and 3 more"),
    });
  });

  test("names both lines of a duplicate id", async () => {
    const run = readRequests([line("a"), line("b"), line("a")].join("\n"));

    await expect(run).rejects.toMatchObject({
      code: "duplicate-custom-id",
      problems: [expect.objectContaining({ line: 3, message: expect.stringContaining("line 1") })],
    });
  });

  test.for(["", "\n\n", "\uFEFF", "  \r\n"])("refuses a file without requests: %j", async (text) => {
    await expect(readRequests(text)).rejects.toMatchObject({ code: "empty-file" });
  });

  test("names the line that is not UTF-8", async () => {
    const bytes = [new TextEncoder().encode(`${line("a")}\n`), new Uint8Array([0xff, 0x0a])];

    await expect(readRequests(bytes)).rejects.toMatchObject({
      code: "invalid-utf8",
      shortMessage: expect.stringContaining("2"),
    });
  });
});
