import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readSources } from "./compile.ts";
import { parseLcov } from "./lcov.ts";
import { markOutcomes } from "./markOutcomes.ts";

/** A place in a source file, and how often it ran. */
export interface Place {
  line: number;
  /** What it is, where the line alone does not say it. */
  text: string;
  hits: number;
}

export interface FileCoverage {
  file: string;
  /** The lines that have code. */
  lines: Place[];
  /** Both ways of each condition, and each clause of each `try`. */
  branches: Place[];
}

const root = join(import.meta.dirname, "../..");

/**
 * What the tests in `test/contracts` run of `contracts`, file by file.
 *
 * @param project - The folder of both; by default the repository.
 * @throws If a test fails.
 */
export async function measureCoverage(project: string = root): Promise<FileCoverage[]> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-coverage-"));
  try {
    for (const name of ["node_modules", "tools"]) await symlink(join(root, name), join(folder, name));
    for (const name of ["foundry.toml", "protocol/vectors"])
      await cp(join(root, name), join(folder, name), { recursive: true });
    await cp(join(project, "test/contracts"), join(folder, "test/contracts"), { recursive: true });
    const sources = markOutcomes(await readSources("contracts", project));
    for (const [file, { content }] of Object.entries(sources)) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), content);
    }
    await runForge(folder);
    const ran = parseLcov(await readFile(join(folder, "lcov.info"), "utf8"));
    return Object.entries(sources).map(([file, { outcomes }]) => {
      const counts = ran.get(file) ?? new Map<number, number>();
      const marks = new Set(outcomes.map(({ markLine }) => markLine));
      return {
        file,
        lines: [...counts]
          .filter(([line]) => !marks.has(line))
          .map(([line, hits]) => ({ line, text: "", hits })),
        branches: outcomes.map(({ line, text, markLine }) => ({
          line,
          text,
          hits: counts.get(markLine) ?? 0,
        })),
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runForge(folder: string): Promise<void> {
  const forge = join(root, "node_modules/@foundry-rs/forge/bin.mjs");
  // What is measured is compiled without the optimizer, so that code and source match: gas is another.
  const args = [forge, "coverage", "--report", "lcov", "--exclude-tests", "--no-match-test", "^testGas_"];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  // It ends with 0 also if the sources do not compile or a test fails.
  const isDone = code === 0 && output.includes("Wrote LCOV report") && / tests passed, 0 failed/.test(output);
  if (!isDone) throw new Error(`forge coverage failed.\n${output}`);
}
