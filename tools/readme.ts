/**
 * Runs the commands of README.md as a reader would: those of its ```sh blocks, in order, in a folder that looks like
 * the project's. `./millrace dev` stays in the background, its `export` lines set, until the end. `./millrace test`
 * is left to whoever runs this, for it takes long and is the first step of CI.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const DEV_PATIENCE_MS = 120_000;

const root = join(import.meta.dirname, "..");
const folder = await mkdtemp(join(tmpdir(), "millrace-readme-"));
// The buyer's state of this machine stays out of it.
const environment: NodeJS.ProcessEnv = { ...process.env, MILLRACE_HOME: join(folder, "home") };
let network: ChildProcess | undefined;

try {
  for (const name of ["millrace", "devnet", "models"]) await symlink(join(root, name), join(folder, name));
  const commands = commandsOf(await readFile(join(root, "README.md"), "utf8"));
  if (commands.length === 0) throw new Error("README.md has no command.");
  for (const command of commands) {
    if (command === "./millrace test") continue;
    console.log(`$ ${command}`);
    if (command === "./millrace dev") network = await startNetwork(command);
    else await finish(start(command, "inherit"), command);
  }
  if (network) {
    network.kill("SIGINT");
    await finish(network, "Ctrl-C on ./millrace dev");
  }
} finally {
  if (network && network.exitCode === null) network.kill("SIGTERM");
  await rm(folder, { recursive: true, force: true });
}

function commandsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)];
  return blocks
    .flatMap(([, block = ""]) => block.split("\n").map((line) => line.replace(/\s+#.*$/, "").trim()))
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function start(command: string, output: "inherit" | "pipe"): ChildProcess {
  // With exec the shell is the command, so that a signal reaches it.
  return spawn("sh", ["-c", `exec ${command}`], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", output, "inherit"],
  });
}

async function finish(child: ChildProcess, command: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`${command} ended with ${child.exitCode ?? child.signalCode}.`);
}

/** Starts the network and takes over the variables that it prints; its last words say how to end it. */
async function startNetwork(command: string): Promise<ChildProcess> {
  const child = start(command, "pipe");
  const timer = setTimeout(() => child.kill("SIGTERM"), DEV_PATIENCE_MS);
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    console.log(line);
    const [, name, value] = /^\s*export (\w+)=(.*)$/.exec(line) ?? [];
    if (name) environment[name] = value;
    if (line.startsWith("Ctrl-C")) break;
  }
  clearTimeout(timer);
  if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}.`);
  child.stdout!.resume();
  return child;
}
