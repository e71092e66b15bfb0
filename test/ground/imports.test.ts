import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Who imports what, and whether that is allowed. */
const imports: [file: string, specifier: string, isAllowed: boolean][] = [
  ["protocol/src/a.ts", "viem", true],
  ["protocol/src/a.ts", "@millrace/engine", false],
  ["protocol/src/a.ts", "@millrace/client", false],
  ["engine/src/a.ts", "@millrace/protocol", true],
  ["engine/src/deep/a.ts", "@millrace/relay", false],
  ["engine/src/a.ts", "@millrace/provider-agent", false],
  ["relay/src/a.ts", "@millrace/protocol", true],
  ["relay/src/a.ts", "@millrace/client", false],
  ["provider-agent/src/a.ts", "@millrace/engine", true],
  ["provider-agent/src/a.ts", "@millrace/relay", false],
  ["provider-agent/src/a.ts", "@millrace/client", false],
  ["client/src/a.ts", "@millrace/engine", true],
  ["client/src/a.ts", "@millrace/provider-agent", false],
  ["client/src/a.ts", "@millrace/devnet", false],
  ["devnet/src/a.ts", "@millrace/provider-agent", true],
  // Past the package's door, or into what only checks.
  ["engine/src/a.ts", "../../protocol/src/units.ts", false],
  ["devnet/src/deep/a.ts", "../../../client/src/index.ts", false],
  ["relay/src/a.ts", "../../test/helpers/chain.ts", false],
  ["client/src/a.ts", "../../bench/config.ts", false],
  ["client/src/deep/a.ts", "../batches/create.ts", true],
];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-imports-"));
  await copyFile(join(root, "biome.json"), join(folder, "biome.json"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(imports)("%s importing %s: allowed %j", async (file, specifier, isAllowed) => {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `import "${specifier}";\n`);
  const linting = run(
    join(root, "node_modules/.bin/biome"),
    ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports", path],
    { cwd: folder },
  );
  if (isAllowed) await linting;
  else
    await expect(linting).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("noRestrictedImports"),
    });
});
