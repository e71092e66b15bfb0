import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { courtAbi, formatNetwork } from "@millrace/protocol";
import { toHex } from "viem";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../agent/eventually.ts";
import { MODEL_PATH } from "../agent/fixture.ts";
import { type Courtroom, jurorAccount, openCourtroom } from "./courtroom.ts";
import { Dispute } from "./dispute.ts";

const CLI = fileURLToPath(new URL("../../../provider-agent/src/cli.ts", import.meta.url));
let room: Courtroom;
let env: Record<string, string>;

beforeAll(async () => {
  room = await openCourtroom({ courtParameters: { phaseSeconds: 60 } });
  const networkPath = join(room.folder, "network.json");
  await writeFile(networkPath, formatNetwork(room.network));
  const account = jurorAccount(0);
  env = {
    PATH: process.env.PATH ?? "",
    HOME: room.folder,
    MILLRACE_NETWORK: networkPath,
    MILLRACE_PRIVATE_KEY: toHex(account.getHdKey().privateKey!),
    MILLRACE_FOLDER: join(room.folder, "cli"),
    MILLRACE_MODEL: MODEL_PATH,
    MILLRACE_GPU: "off",
    MILLRACE_THREADS: "1",
    MILLRACE_SEQUENCES: "2",
    MILLRACE_POLLING_MS: "50",
  };
});
afterAll(() => room[Symbol.asyncDispose]());

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  // A command without a model takes no flags of one; variables of others are left unread.
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

async function start(...args: string[]): Promise<{ child: ChildProcess; ready: Record<string, unknown> }> {
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    return { child, ready: JSON.parse(line) as Record<string, unknown> };
  }
  throw new Error("The juror ended at once.");
}

test("seats are taken, listed and left", async () => {
  const { free } = await room.money(jurorAccount(0).address);
  expect(await run("juror", "take")).toMatchObject({ code: 0, stdout: "took seat 1\n" });
  expect(await run("juror", "take")).toMatchObject({ code: 0, stdout: "took seat 2\n" });
  const { stdout } = await run("juror", "list");
  expect(stdout).toMatch(/^1 {2}0x[0-9a-f]{64} {2}stake 1 {2}in cases 0 {2}earned 0\n2 /);
  expect((await room.money(jurorAccount(0).address)).free).toBe(free - 2_000_000n);
  await room.wait(2);
  expect(await run("juror", "leave", "2")).toMatchObject({ code: 0, stdout: "left seat 2\n" });
  expect((await run("juror", "list")).stdout).not.toMatch(/^2 /m);
  expect((await room.money(jurorAccount(0).address)).free).toBe(free - 1_000_000n);
});

test("a seat of somebody else's is not left, and says why", async () => {
  await room.juror(1);
  const [, , other] = await room.events("SeatTaken");
  const { code, stderr } = await run("juror", "leave", String(other!.args.seatId));
  expect(code).toBe(1);
  expect(stderr).toContain("Seats_NotYours");
});

test("what is no seat is refused", async () => {
  const { code, stderr } = await run("juror", "leave", "one");
  expect(code).toBe(1);
  expect(stderr).toContain("is not the number of a seat");
});

test("a juror in a process of its own judges, though it is killed, and its earnings are collected by command", async () => {
  const { child, ready } = await start("juror", "run", "--log-level", "silent");
  expect(ready).toMatchObject({ ready: true, address: jurorAccount(0).address, seatIds: [1] });
  const jurors = await Promise.all([1, 2, 3, 4].map((number) => room.juror(number)));
  await room.wait(2);
  const dispute = await Dispute.begin(room);
  // Until all have committed nobody reveals.
  await jurors[3]!.close();
  await dispute.goToCourt();
  const committed = async () =>
    (await room.events("VoteCommitted", dispute.lotId)).map(({ args }) => args.seatId);
  await eventually(committed).toContain(1);
  child.kill("SIGKILL");
  await once(child, "exit");
  await start("juror", "run", "--log-level", "silent");
  await room.juror(4);
  await eventually(async () => (await room.events("VoteRevealed", dispute.lotId)).length).toBe(5);
  await dispute.decide();
  await room.wait(61);
  await dispute.conclude();
  const earnings = async () => {
    const court = { abi: courtAbi, address: room.network.court } as const;
    return (await room.reader.readContract({ ...court, functionName: "seat", args: [1] })).earnings;
  };
  expect(await earnings()).toBe(1_000n);
  expect(await run("juror", "collect")).toMatchObject({ code: 0, stdout: "collected 0.001\n" });
  expect(await earnings()).toBe(0n);
});

test("an agent judges beside its work", async () => {
  const { ready } = await start("run", "--juror", "--log-level", "silent");
  expect(ready).toMatchObject({ ready: true, address: jurorAccount(0).address, seatIds: [1] });
  expect(ready.url).toMatch(/^http:/);
});
