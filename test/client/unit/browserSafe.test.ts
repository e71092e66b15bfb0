import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The modules of ours that a module loads, itself included, with their sources. */
async function closureOf(entry: URL, seen = new Map<string, string>()): Promise<Map<string, string>> {
  const path = fileURLToPath(entry);
  if (seen.has(path)) return seen;
  const source = await readFile(path, "utf8");
  seen.set(path, source);
  for (const [, specifier] of source.matchAll(/from "(\.[^"]+)"/g)) {
    await closureOf(new URL(specifier!, entry), seen);
  }
  return seen;
}

test("nothing that a page loads needs Node", async () => {
  const modules = await closureOf(new URL("../../../client/src/index.ts", import.meta.url));

  expect(modules.size).toBeGreaterThan(30);
  const needNode = [...modules].filter(([, source]) =>
    /from "node:|\bprocess\.[a-z]|\bBuffer\b/.test(source),
  );
  expect(needNode.map(([path]) => path)).toEqual([]);
});
