import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AccountKind } from "../../provider-agent/src/store/account.ts";
import { readServerPid } from "../../provider-agent/src/store/files.ts";
import { openStore, type Store } from "../../provider-agent/src/store/openStore.ts";
import { kill, query, startProgram, temporaryFolder, temporaryStore } from "./fixture.ts";

const isRoot = process.getuid?.() === 0;
/** The ways that the present user can always go; `namespace` depends on the kernel's leave. */
const kinds: AccountKind[] = isRoot ? ["nobody"] : ["self"];

describe("refusals", () => {
  test("a folder that is a file: store-folder-not-writable", async () => {
    const folder = join(await temporaryFolder(), "taken");
    await writeFile(folder, "");
    await expect(openStore({ folder })).rejects.toMatchObject({ code: "store-folder-not-writable" });
  });

  test("no account can run the server: store-no-account", async () => {
    const folder = await temporaryFolder();
    await expect(openStore({ folder, accountKinds: [] })).rejects.toMatchObject({ code: "store-no-account" });
  });

  test("damaged data: store-start-failed, with the server's own words", async () => {
    const folder = await temporaryFolder();
    const store = await openStore({ folder, fsync: false });
    await store.close();
    await writeFile(join(folder, "data", "PG_VERSION"), "9\n");
    const error = await openStore({ folder, fsync: false }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "store-start-failed", retryable: false });
    expect((error as Error).message).toContain("incompatible");
  });

  test("an aborted signal: its reason, and no server stays", async () => {
    const folder = await temporaryFolder();
    const controller = new AbortController();
    const opening = openStore({ folder, fsync: false, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(opening).rejects.toThrow("enough");
    expect(await readServerPid(join(folder, "data"))).toBeUndefined();
  });

  test("a database that is not there: store-unreachable, retryable, without its password", async () => {
    const databaseUrl = "postgres://me:hunter2@localhost/x?host=/nonexistent";
    const error = await openStore({ databaseUrl, folder: "/nonexistent" }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "store-unreachable", retryable: true });
    expect((error as Error).message).not.toContain("hunter2");
  });

  test.each(["", "localhost", "mysql://localhost/x"])(
    "database URL %j: store-invalid-url",
    async (databaseUrl) => {
      const opening = openStore({ databaseUrl, folder: "/nonexistent" });
      await expect(opening).rejects.toMatchObject({ code: "store-invalid-url" });
    },
  );
});

describe("one store per folder", () => {
  test("a second opener meets store-in-use, and the first goes on", async () => {
    const folder = await temporaryFolder();
    const store = await temporaryStore({ folder });
    await expect(openStore({ folder })).rejects.toMatchObject({ code: "store-in-use" });
    expect(await query(store, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("of several at once on a new folder exactly one wins", async () => {
    const folder = await temporaryFolder();
    const opened = await Promise.allSettled(
      Array.from({ length: 4 }, () => openStore({ folder, fsync: false })),
    );
    const stores = opened.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    onTestFinished(() => closeAll(stores));
    expect(stores).toHaveLength(1);
    for (const outcome of opened) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "store-in-use" });
    }
    expect(await query(stores[0]!, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect((await readdir(folder)).toSorted()).toEqual(["data", "server.log"]);
  });

  test("two folders are two stores", async () => {
    const [one, two] = await Promise.all([temporaryStore(), temporaryStore()]);
    await query(one, "CREATE TABLE only_here (x int)");
    await expect(query(two, "SELECT * FROM only_here")).rejects.toMatchObject({ code: "42P01" });
  });
});

describe("what was committed stays", () => {
  test("over closing and opening again", async () => {
    const folder = await temporaryFolder();
    const first = await temporaryStore({ folder });
    await query(first, "CREATE TABLE note AS SELECT 'kept' AS text");
    await first.close();
    const second = await temporaryStore({ folder });
    expect(await query(second, "SELECT text FROM note")).toEqual([{ text: "kept" }]);
  });

  test("over kill -9 of the process: the orphaned server is taken over, with our settings, and ended by us", async () => {
    const folder = await temporaryFolder();
    const holder = await startProgram("holdStore.ts", [folder], "committed");
    const orphan = await readServerPid(join(folder, "data"));
    await kill(holder);
    const store = await temporaryStore({ folder, fsync: true });
    expect(await readServerPid(join(folder, "data"))).toBe(orphan);
    expect(await query(store, "SELECT text FROM note")).toEqual([{ text: "committed" }]);
    await expect.poll(() => query(store, "SHOW fsync")).toEqual([{ fsync: "on" }]);
    await store.close();
    expect(await readServerPid(join(folder, "data"))).toBeUndefined();
    await expect(query(store, "SELECT 1")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("over kill -9 of the server: the store says that it is lost, and opens again", async () => {
    const folder = await temporaryFolder();
    const store = await temporaryStore({ folder });
    await query(store, "CREATE TABLE note AS SELECT 'kept' AS text");
    const lost = once(store.lost, "abort");
    process.kill((await readServerPid(join(folder, "data")))!, "SIGKILL");
    await lost;
    expect(store.lost.reason).toMatchObject({ code: "store-lost", retryable: true });
    await store.close();
    const again = await temporaryStore({ folder });
    expect(await query(again, "SELECT text FROM note")).toEqual([{ text: "kept" }]);
  });

  test("over a restart that gave the dead server's number to another program", async () => {
    const folder = await temporaryFolder();
    const store = await openStore({ folder, fsync: false });
    const pidFile = join(folder, "data", "postmaster.pid");
    const stale = await readFile(pidFile, "utf8");
    await store.close();
    await writeFile(pidFile, stale.replace(/^\d+/, String(process.pid)));
    const again = await temporaryStore({ folder });
    expect(await query(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("where it runs", () => {
  test.each(kinds)("as %s, beneath a folder of mode 0700, in data of another account", async (kind) => {
    const home = await temporaryFolder();
    const folder = join(home, "closed", "store");
    await mkdir(folder, { recursive: true });
    await chmod(join(home, "closed"), 0o700);
    const first = await temporaryStore({ folder });
    await first.close();
    const second = await temporaryStore({ folder, accountKinds: [kind] });
    await query(second, "CREATE TABLE note AS SELECT 'kept' AS text");
    await second.close();
    const third = await temporaryStore({ folder });
    expect(await query(third, "SELECT text FROM note")).toEqual([{ text: "kept" }]);
  });

  test("in a folder whose path is too long for a socket, with spaces and accents", async () => {
    const folder = join(await temporaryFolder(), "é ü".repeat(20), "x".repeat(100));
    const store = await temporaryStore({ folder });
    expect(await query(store, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("on no TCP port", async () => {
    const store = await temporaryStore();
    expect(await query(store, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
  });

  test("a database of the user's own: the same store, and closing leaves it running", async () => {
    const theirs = await temporaryStore();
    const ours = await openStore({ databaseUrl: theirs.connectionString, folder: "/nonexistent" });
    expect(ours.connectionString).toBe(theirs.connectionString);
    await ours.close();
    expect(await query(theirs, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

test("closing twice is closing once, and leaves nothing", async () => {
  const folder = await temporaryFolder();
  const store = await openStore({ folder, fsync: false });
  await Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()]);
  expect(store.lost.aborted).toBe(false);
  expect(await readServerPid(join(folder, "data"))).toBeUndefined();
});

async function closeAll(stores: readonly Store[]): Promise<void> {
  for (const store of stores) await store.close();
}
