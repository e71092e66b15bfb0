import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/*
 * The launcher's decisions, with a node and an npm on the path that only write down what they were asked. That the
 * real ones do as asked is shown by running this very suite through the launcher.
 */
const launcher = join(import.meta.dirname, "../../millrace");
const ci = "npm ci --include=dev --include=optional --ignore-scripts=false --prefer-offline";
const build = "npm run build";
const bring =
  "npm install --include=dev --include=optional --ignore-scripts=false --no-save --no-package-lock --prefix .node " +
  "node@24.21.0 npm@11.6.0";

let folder: string;
let project: string;
let bin: string;
let tools: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "millrace launcher ")));
  project = join(folder, "pro ject");
  bin = join(folder, "bin");
  for (const path of ["contracts/sub", "protocol/scripts"])
    await mkdir(join(project, path), { recursive: true });
  await mkdir(join(folder, "home"));
  await cp(launcher, join(project, "millrace"));
  for (const file of [
    "package-lock.json",
    ".npmrc",
    "hardhat.config.ts",
    "contracts/sub/A.sol",
    "protocol/scripts/a.ts",
  ]) {
    await writeFile(join(project, file), file);
  }
  await mkdir(bin);
  tools = await linkToolsWithout("nothing");
  await writeStubs({ node: "v24.21.0", npm: "11.6.0" });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("which Node", () => {
  test.each(["v24.0.0", "v24.21.0", "v26.1.0", "v30.0.0"])(
    "%s with the npm we pin is used as it is",
    async (node) => {
      await writeStubs({ node, npm: "11.6.0" });
      await millrace("quote");
      expect(await calls()).toEqual([ci, build]);
    },
  );

  test.each([
    ["v20.20.2", "11.6.0"],
    ["v23.9.0", "11.6.0"],
    ["v9.0.0", "11.6.0"],
    ["v24.21.0", "11.19.1"],
  ])("%s with npm %s is not, and the pinned pair is brought", async (node, npm) => {
    await writeStubs({ node, npm });
    const { stdout } = await millrace("quote");
    expect(await calls()).toEqual([bring, ci, build]);
    expect(stdout).toContain("v24.21.0");
  });

  test("what was brought is used again", async () => {
    await writeStubs({ node: "v20.20.2", npm: "10.0.0" });
    await millrace("quote");
    await forget();
    const { stdout } = await millrace("quote");
    expect(await calls()).toEqual([]);
    expect(stdout).toContain("v24.21.0");
  });

  test("without any npm it says what is needed", async () => {
    await rm(join(bin, "npm"));
    await rm(join(bin, "node"));
    const { code, stderr } = await millrace("quote");
    expect(code).toBe(1);
    expect(stderr).toContain("Node with npm is needed");
  });
});

describe("what is done again", () => {
  beforeEach(async () => {
    await millrace("quote");
    await forget();
  });

  test("nothing, when nothing changed", async () => {
    const { stderr } = await millrace("quote");
    expect(await calls()).toEqual([]);
    expect(stderr).toBe("");
  });

  test("everything, when the lock file changed", async () => {
    await writeFile(join(project, "package-lock.json"), "other");
    await millrace("quote");
    expect(await calls()).toEqual([ci, build]);
  });

  test.each(["contracts/sub/A.sol", "contracts/B.sol", "hardhat.config.ts", "protocol/scripts/a.ts"])(
    "the build, when %s changed",
    async (file) => {
      await writeFile(join(project, file), "other");
      await millrace("quote");
      expect(await calls()).toEqual([build]);
    },
  );

  test("the installation, when node_modules went", async () => {
    await rm(join(project, "node_modules"), { recursive: true });
    await millrace("quote");
    expect(await calls()).toEqual([ci]);
  });

  test("the build, when artifacts went", async () => {
    await rm(join(project, "artifacts"), { recursive: true });
    await millrace("quote");
    expect(await calls()).toEqual([build]);
  });
});

describe("what runs", () => {
  test.each([
    [
      ["test", "a b"],
      ["tools/test.ts", "a b"],
    ],
    [
      ["demo", "--json"],
      ["devnet/src/cli.ts", "demo", "--json"],
    ],
    [["dev"], ["devnet/src/cli.ts", "dev"]],
    [
      ["provider", "start", "--x="],
      ["provider-agent/src/cli.ts", "start", "--x="],
    ],
    [
      ["batch", "run", "my file"],
      ["client/src/cli.ts", "batch", "run", "my file"],
    ],
    [[], ["client/src/cli.ts"]],
  ])("%j", async (words, [program, ...args]) => {
    const { stdout, code } = await millrace(...words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout.split("\n").at(-2)!)).toEqual([join(project, program!), ...args]);
  });

  test("nothing but the program writes to stdout", async () => {
    const { stdout } = await millrace("quote");
    expect(stdout.trim().split("\n")).toHaveLength(3);
  });

  test("in the caller's folder, through links that are relative", async () => {
    await mkdir(join(folder, "elsewhere"));
    await symlink("../pro ject/millrace", join(folder, "elsewhere/first"));
    await symlink("first", join(folder, "elsewhere/second"));
    const { stdout } = await launch(join(folder, "elsewhere/second"), ["quote"], {
      cwd: join(folder, "home"),
    });
    expect(stdout).toContain(`cwd ${join(folder, "home")}\n`);
    expect(stdout).toContain(join(project, "client/src/cli.ts"));
  });

  test("in the launcher's own process, so that signals arrive", async () => {
    const { stdout, pid } = await millrace("quote");
    expect(stdout).toContain(`pid ${pid}\n`);
  });
});

describe("when it goes wrong", () => {
  test("a failed installation shows its log, exits non-zero, and is tried again", async () => {
    await writeFile(join(folder, "failing"), "");
    const failed = await millrace("quote");
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain("npm is out of luck");
    expect(failed.stdout).toBe("");
    await rm(join(folder, "failing"));
    await forget();
    expect((await millrace("quote")).code).toBe(0);
    expect(await calls()).toEqual([ci, build]);
  });

  test("two at once install once", async () => {
    const both = await Promise.all([millrace("quote"), millrace("quote")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await calls()).toEqual([ci, build]);
  });

  test("two at once install once where there is no flock, and a dead owner's lock is taken over", async () => {
    const few = await linkToolsWithout("flock");
    await mkdir(join(project, ".millrace/lock.d"), { recursive: true });
    await writeFile(join(project, ".millrace/lock.d/pid"), "4194305"); // Above any process number.
    const options = { path: `${bin}:${few}` };
    const both = await Promise.all([1, 2].map(() => launch(join(project, "millrace"), ["quote"], options)));
    expect(both.map(({ code, stderr }) => [code, stderr.includes("rror")])).toEqual([
      [0, false],
      [0, false],
    ]);
    expect(await calls()).toEqual([ci, build]);
    expect(await readdir(join(project, ".millrace"))).not.toContain("lock.d");
  });

  test("a home that cannot be written to: npm's cache goes into the project", async () => {
    const home = join(folder, "home");
    await writeFile(join(home, ".npm"), "in the way");
    const { stdout } = await launch(join(project, "millrace"), ["quote"], { home });
    expect(stdout).toContain(`cache ${project}/.millrace/npm-cache\n`);
  });

  test("somebody else's clone: it says so, and runs once the owner has installed", async () => {
    const other = process.getuid?.() === 0 ? 65534 : undefined;
    await openToReaders(folder);
    if (other === undefined) await chmod(project, 0o555);
    const refused = await launch(join(project, "millrace"), ["quote"], { uid: other });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("is not yours to write");
    expect(await calls()).toEqual([]);
    await chmod(project, 0o755);
    await millrace("quote");
    const served = await launch(join(project, "millrace"), ["quote"], { uid: other });
    expect(served.code).toBe(0);
  });
});

interface Ended {
  code: number | null;
  pid: number | undefined;
  stdout: string;
  stderr: string;
}

function millrace(...words: string[]): Promise<Ended> {
  return launch(join(project, "millrace"), words);
}

interface LaunchOptions {
  cwd?: string;
  home?: string;
  path?: string;
  uid?: number | undefined;
}

async function launch(file: string, words: readonly string[], options: LaunchOptions = {}): Promise<Ended> {
  const child: ChildProcess = spawn(file, words, {
    cwd: options.cwd ?? folder,
    env: {
      PATH: options.path ?? `${bin}:${tools}`,
      HOME: options.home ?? join(folder, "home"),
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const [stdout, stderr, code] = await Promise.all([
    readAll(child.stdout!),
    readAll(child.stderr!),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ]);
  return { code, pid: child.pid, stdout, stderr };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

/** What npm was asked for, in order. */
async function calls(): Promise<string[]> {
  const text = await readFile(join(folder, "calls"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

async function forget(): Promise<void> {
  await rm(join(folder, "calls"), { force: true });
}

async function writeStubs({ node, npm }: { node: string; npm: string }): Promise<void> {
  await writeProgram(join(bin, "node"), nodeStub(node));
  await writeProgram(join(folder, "brought-node"), nodeStub("v24.21.0"));
  await writeProgram(
    join(bin, "npm"),
    `[ "$1" = --version ] && echo ${npm} && exit
echo "npm $*" >>'${folder}/calls'
[ -e '${folder}/failing' ] && echo "npm is out of luck" && exit 7
case $1 in
  install) mkdir -p .node/node_modules/.bin && cp '${folder}/brought-node' .node/node_modules/.bin/node ;;
  ci) rm -rf node_modules && mkdir node_modules ;;
  run) mkdir -p artifacts ;;
esac`,
  );
}

/** Answers its version, else tells its process, folder and npm cache, and its arguments as JSON. */
function nodeStub(version: string): string {
  return `[ "$1" = --version ] && echo ${version} && exit
echo "version ${version} pid $$"; echo "cwd $PWD"
[ -z "$npm_config_cache" ] || echo "cache $npm_config_cache"
line=; for word; do line="$line,\\"$word\\""; done; echo "[\${line#,}]"`;
}

async function writeProgram(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

/** A folder with the few system tools that the launcher may use, and no node or npm of the system's. */
async function linkToolsWithout(missing: string): Promise<string> {
  const path = join(folder, `tools without ${missing}`);
  await mkdir(path);
  const names = "sh cat cksum cp dirname find flock mkdir readlink rm rmdir sleep sort".split(" ");
  const found = await promisify(execFile)("sh", [
    "-c",
    `for name; do command -v "$name" || :; done`,
    "sh",
    ...names,
  ]);
  for (const tool of found.stdout.split("\n")) {
    if (tool.startsWith("/") && basename(tool) !== missing) await symlink(tool, join(path, basename(tool)));
  }
  return path;
}

async function openToReaders(path: string): Promise<void> {
  await chmod(path, 0o755);
  if (process.getuid?.() === 0) await chown(join(folder, "home"), 65534, 65534);
}
