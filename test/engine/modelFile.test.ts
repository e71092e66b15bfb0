import { createReadStream } from "node:fs";
import { copyFile, truncate, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readModelInfo, resolveModel } from "@millrace/engine";
import { ggufType } from "@millrace/engine/gguf";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  expectCode,
  modelPath,
  modelSha256,
  openEngine,
  temporaryFolder,
  writeModelVariant,
} from "./fixture.ts";

describe("readModelInfo", () => {
  test("default", async () => {
    expect(await readModelInfo(modelPath)).toEqual({
      name: "tinystory-chat-2.8m-q8_0",
      path: modelPath,
      sha256: modelSha256,
      sizeBytes: 3_077_888,
      quantization: "Q8_0",
      contextTokens: 512,
      parameters: 2_828_736,
      chatTemplateHash: "0x153280e3ff55d19da1398bdb3914ee2a51b80429bfaedde11d7d216c39db80f3",
      licence: "cdla-sharing-1.0",
      architecture: "llama",
    });
  });

  test("a model without a template or licence says so", async () => {
    const path = join(await temporaryFolder(), "bare.gguf");
    await writeModelVariant(path, { "tokenizer.chat_template": undefined, "general.license": undefined });
    const info = await readModelInfo(path);
    expect(info).toMatchObject({ name: "bare", licence: "unknown", chatTemplateHash: `0x${"0".repeat(64)}` });
  });

  test("a file that changes under the same name is hashed again", async () => {
    const path = join(await temporaryFolder(), "model.gguf");
    await copyFile(modelPath, path);
    expect((await readModelInfo(path)).sha256).toBe(modelSha256);
    await writeModelVariant(path, { "general.name": { type: ggufType.string, value: "Another" } });
    expect((await readModelInfo(path)).sha256).not.toBe(modelSha256);
  });

  test("no file, or a folder, is model-not-found", async () => {
    const folder = await temporaryFolder();
    await expectCode(readModelInfo(join(folder, "none.gguf")), "model-not-found");
    await expectCode(readModelInfo(folder), "model-not-found");
  });

  test.each([
    ["other text", "This is not a model."],
    ["nothing", ""],
    ["only the magic number", "GGUF"],
    ["a header that ends too soon", "GGUF\u0003\0\0\0\u0005"],
    ["a version that does not exist", `GGUF\u0063\0\0\0${"\0".repeat(64)}`],
  ])("%s is not-a-gguf", async (_name, content) => {
    const path = join(await temporaryFolder(), "model.gguf");
    await writeFile(path, content, "latin1");
    await expectCode(readModelInfo(path), "not-a-gguf");
    await expectCode(openEngine({ modelPath: path }), "not-a-gguf");
  });

  test("a file of which the end is missing is not-a-gguf", async () => {
    const path = join(await temporaryFolder(), "half.gguf");
    await copyFile(modelPath, path);
    await truncate(path, 1_500_000);
    await expectCode(openEngine({ modelPath: path }), "not-a-gguf");
  });
});

describe("resolveModel", () => {
  const folder = "/nonexistent";

  test("takes a path or a file URI", async () => {
    expect(await resolveModel(modelPath, { folder })).toBe(modelPath);
    expect(await resolveModel(pathToFileURL(modelPath).href, { folder })).toBe(modelPath);
  });

  test("checks the expected hash", async () => {
    expect(await resolveModel(modelPath, { folder, sha256: modelSha256 })).toBe(modelPath);
    await expectCode(
      resolveModel(modelPath, { folder, sha256: `0x${"22".repeat(32)}` }),
      "model-hash-mismatch",
    );
  });

  test("a path to nothing is model-not-found", async () => {
    await expectCode(resolveModel("no/such/model.gguf", { folder }), "model-not-found");
  });

  test("a URL is downloaded with progress, and checked", async () => {
    const origin = await serve((request, response) => {
      response.setHeader("content-length", 3_077_888);
      if (request.method === "HEAD") return response.end();
      return createReadStream(modelPath).pipe(response);
    });
    const folder = join(await temporaryFolder(), "new");
    const seen: number[] = [];
    const options = {
      folder,
      sha256: modelSha256,
      onProgress: ({ downloadedBytes }: { downloadedBytes: number }) => seen.push(downloadedBytes),
    } as const;
    const path = await resolveModel(`${origin}/tiny.gguf`, options);
    expect(path.startsWith(folder)).toBe(true);
    expect(seen.at(-1)).toBe(3_077_888);
  });

  test("a URL to nothing is model-download-failed, and may be retried", async () => {
    const origin = await serve((_request, response) => response.writeHead(404).end());
    const options = { folder: await temporaryFolder() };
    const error = await expectCode(resolveModel(`${origin}/none.gguf`, options), "model-download-failed");
    expect(error.retryable).toBe(true);
  });

  test("can be aborted", async () => {
    const options = { folder: await temporaryFolder(), signal: AbortSignal.abort() };
    await expectCode(resolveModel("hf:someone/tiny:Q8_0", options), "aborted");
  });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
