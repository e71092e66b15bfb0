import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { userInfo } from "node:os";
import { StoreError } from "./errors.ts";
import { copyPrograms, findPrograms, type Programs } from "./programs.ts";

/** The account called nobody, on every Linux and in every fresh user namespace. */
const NOBODY = 65534;

/** The server answers in C and UTC, and inherits no secret of ours from the environment. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

/**
 * Who the server runs as. PostgreSQL refuses root, so as root there are two ways round it:
 *
 * - `namespace`: a user namespace in which we appear as nobody. On disk everything stays ours. Refused by default
 *   in Docker, and blind to folders that another user closed.
 * - `nobody`: we give up root for the account nobody, which then owns the data.
 *
 * Any other user simply runs it (`self`), unless the system has no name for its number, as under
 * `docker run --user 1234`: PostgreSQL refuses that too, and the namespace helps.
 */
export type AccountKind = "self" | "namespace" | "nobody";

export interface Account {
  readonly kind: AccountKind;
  readonly programs: Programs;
  /** Who must own the data folder, as numbers of this system; undefined: whoever we are. */
  readonly owner: number | undefined;
  /** Starts `initdb` or `postgres` from {@link Account.programs}. */
  spawn(program: "initdb" | "postgres", args: readonly string[], options: SpawnOptions): ChildProcess;
}

/**
 * Finds an account that can really run the server here, by having it tell its version.
 *
 * @param kinds the ways to try, in order. Default: those that suit the present user
 * @throws StoreError `store-no-account`, `store-unsupported-platform`
 */
export async function findAccount(kinds: readonly AccountKind[] = suitableKinds()): Promise<Account> {
  const installed = await findPrograms();
  const refusals: string[] = [];
  for (const kind of kinds) {
    const account = accountOf(kind, installed);
    const refusal = await refusalOf(account);
    if (refusal === undefined) return account;
    refusals.push(`${kind}: ${refusal}`);
    if (kind !== "nobody") continue;
    for (const copy of await copyPrograms(installed)) {
      const withCopy = accountOf(kind, copy);
      if ((await refusalOf(withCopy)) === undefined) return withCopy;
    }
  }
  throw new StoreError("PostgreSQL cannot be started by this user.", {
    code: "store-no-account",
    details: refusals.join("\n"),
    hints: ["Run as an ordinary user,", "or set DATABASE_URL to a PostgreSQL server of your own."],
  });
}

function suitableKinds(): AccountKind[] {
  if (process.getuid?.() === 0) return ["namespace", "nobody"];
  return hasName() ? ["self"] : ["namespace"];
}

function hasName(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}

function accountOf(kind: AccountKind, programs: Programs): Account {
  return {
    kind,
    programs,
    owner: kind === "nobody" ? NOBODY : process.getuid?.(),
    spawn(program, args, options) {
      const file = `${programs.folder}/bin/${program}`;
      const common = { ...options, env: ENVIRONMENT };
      switch (kind) {
        case "self":
          return spawn(file, args, common);
        case "namespace":
          return spawn(
            "unshare",
            ["--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args],
            common,
          );
        case "nobody":
          return spawn(file, args, { ...common, uid: NOBODY, gid: NOBODY });
      }
    },
  };
}

/** Why the account cannot run the programs; undefined when it can. */
async function refusalOf(account: Account): Promise<string | undefined> {
  try {
    const child = account.spawn("postgres", ["--version"], { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
    let output = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const [code, signal] = await once(child, "close");
    return code === 0 ? undefined : output.trim() || `ended with ${code ?? signal}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
