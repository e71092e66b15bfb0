import { join } from "node:path";
import type { Engine } from "@millrace/engine";
import { formatAmount, type ModelClass, modelIdOf } from "@millrace/protocol";
import type { Command } from "commander";
import { type Logger, pino } from "pino";
import { isAddressEqual } from "viem";
import { connect, maxFeePerGasOf, openModel, transact } from "../commandLine.ts";
import {
  type EngineConfig,
  parseSeatId,
  readAccountConfig,
  readEngineConfig,
  withAccountOptions,
  withEngineOptions,
} from "../config.ts";
import { createCourtReader } from "../court/courtReader.ts";
import { loadSecrets } from "../keys/secrets.ts";
import { modelSpecOf } from "../modelSpec.ts";
import { publishModel } from "../offers/publishModel.ts";
import { requireCalibrated } from "../requireCalibrated.ts";
import { createJuror, type JurorOptions } from "./juror.ts";
import { collectEarnings, leaveSeat, takeSeat } from "./seats.ts";

/** What a juror that runs from the command line is made of. Its folder is one in the agent's. */
export function jurorOptionsOf(
  config: EngineConfig,
  rest: { engine: Engine; modelClass: ModelClass; logger: Logger; signal: AbortSignal },
): JurorOptions {
  const { network, account, owner, pollingMs: pollingIntervalMs } = config;
  const maxFeePerGas = maxFeePerGasOf(config);
  return { network, account, owner, folder: jurorFolderOf(config), maxFeePerGas, pollingIntervalMs, ...rest };
}

const jurorFolderOf = ({ folder }: Pick<EngineConfig, "folder">) => join(folder, "juror");

/** Adds `juror run`, `take`, `leave`, `list` and `collect`. */
export function addJurorCommands(program: Command, signal: AbortSignal): void {
  const juror = program.command("juror").description("judge cases of a model, for pay");

  withEngineOptions(juror.command("run"))
    .description("judge until stopped; takes a seat if there is none")
    .action(async (flags) => {
      const config = await readEngineConfig(flags);
      const logger = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
      await using stack = new AsyncDisposableStack();
      const { engine, modelClass } = await openModel(config, signal);
      stack.use(engine);
      const judging = stack.use(createJuror(jurorOptionsOf(config, { engine, modelClass, logger, signal })));
      await judging.start();
      const { modelId } = judging;
      const { seatIds } = judging.status();
      console.log(JSON.stringify({ ready: true, address: config.account.address, modelId, seatIds }));
      if (signal.aborted) return;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    });

  withEngineOptions(juror.command("take"))
    .description("take one more seat, with its stake out of the owner's account")
    .action(async (flags) => {
      const config = await readEngineConfig(flags);
      await using stack = new AsyncDisposableStack();
      const { engine, modelClass } = await openModel(config, signal);
      stack.use(engine);
      await requireCalibrated(engine, modelClass);
      const spec = modelSpecOf(engine, modelClass);
      const { publicKey: encryptionKey } = (await loadSecrets(jurorFolderOf(config))).keys;
      await transact(flags, signal, async ({ chain, owner, account }, transactions) => {
        await publishModel(chain, transactions, { spec, modelClass });
        const place = { owner, voter: account.address, modelId: modelIdOf(spec), encryptionKey };
        console.log(`took seat ${await takeSeat(createCourtReader(chain), transactions, place)}`);
      });
    });

  withAccountOptions(juror.command("leave"))
    .description("give a seat up: its stake and earnings return to its owner's account")
    .argument("<seat>", "its number")
    .action(async (text: string, flags) => {
      const seatId = parseSeatId(text);
      await transact(flags, signal, ({ chain }, transactions) =>
        leaveSeat(createCourtReader(chain), transactions, seatId),
      );
      console.log(`left seat ${seatId}`);
    });

  withAccountOptions(juror.command("list"))
    .description("list the owner's seats")
    .action(async (flags) => {
      const { chain, owner, account } = await connect(await readAccountConfig(flags));
      for (const seat of await createCourtReader(chain).seatsOf(owner)) {
        const { seatId, modelId, stake, reserved, earnings, voter } = seat;
        const amounts = `stake ${formatAmount(stake)}  in cases ${formatAmount(reserved)}  earned ${formatAmount(earnings)}`;
        const other = isAddressEqual(voter, account.address) ? "" : `  voter ${voter}`;
        console.log(`${seatId}  ${modelId}  ${amounts}${other}`);
      }
    });

  withAccountOptions(juror.command("collect"))
    .description("move what the owner's seats earned to the owner's account")
    .action(async (flags) => {
      let collected = 0n;
      await transact(flags, signal, async ({ chain, owner }, transactions) => {
        const court = createCourtReader(chain);
        for (const { seatId, earnings } of await court.seatsOf(owner)) {
          if (earnings === 0n) continue;
          await collectEarnings(court, transactions, seatId);
          collected += earnings;
        }
      });
      console.log(`collected ${formatAmount(collected)}`);
    });
}
