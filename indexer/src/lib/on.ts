import { type Context, type EventNames, type IndexingFunctionArgs, ponder } from "ponder:registry";
import { event as eventTable, lot } from "ponder:schema";
import { caseIdOf } from "./cases.ts";
import { placeOf, sequenceOf } from "./place.ts";
import { plain } from "./plain.ts";

type Register<Name extends EventNames> = (
  name: Name,
  handle: (given: IndexingFunctionArgs<Name>) => Promise<void>,
) => void;
type Handler<Name extends EventNames> = (given: IndexingFunctionArgs<Name>) => Promise<unknown> | undefined;

/** As `ponder.on`, and keeps the event in the trails of its job, its lot and its case. */
export function on<Name extends Exclude<EventNames, `${string}:setup`>>(
  name: Name,
  handle?: Handler<Name>,
): void {
  // The same, but for what the compiler can follow of a name that is not known yet.
  const register = ponder.on.bind(ponder) as unknown as Register<Name>;
  register(name, async (given) => {
    await handle?.(given);
    // Every name here is that of a contract's event, which has these; the union of all is too much for the compiler.
    await keep(name, given.event as unknown as Kept, given.context as Context);
  });
}

interface Kept {
  args: Record<string, unknown>;
  block: { number: bigint; timestamp: bigint };
  transaction: { hash: `0x${string}` };
  log: { logIndex: number };
}

async function keep(fullName: string, event: Kept, context: Context): Promise<void> {
  const [contract, name] = fullName.split(":") as [string, string];
  const lotId = hexIn(event.args, "lotId");
  // Skipped lots may be any that a caller made up.
  const about = lotId ? await context.db.find(lot, { lotId }) : null;
  const isOfCase =
    about !== null &&
    about.courtCases > 0 &&
    (contract === "Court" || name === "LotSlashed" || name === "LotVoided");
  await context.db.insert(eventTable).values({
    sequence: sequenceOf(event),
    contract,
    name,
    args: plain(event.args) as Record<string, unknown>,
    ...placeOf(event),
    jobId: hexIn(event.args, "jobId") ?? about?.jobId ?? null,
    lotId: lotId ?? null,
    caseId: isOfCase ? caseIdOf(about.lotId, about.courtCases) : null,
  });
}

function hexIn(args: Record<string, unknown>, name: string): `0x${string}` | undefined {
  return args[name] as `0x${string}` | undefined;
}
