import { parametersVersion, safeguard } from "ponder:schema";
import { on } from "./lib/on.ts";
import { placeOf } from "./lib/place.ts";
import { plain } from "./lib/plain.ts";

type Fields = Record<string, string | number>;

on("Parameters:ParametersAppended", async ({ event, context }) => {
  const { version, market, court } = event.args;
  await context.db.insert(parametersVersion).values({
    version,
    market: plain(market) as Fields,
    court: plain(court) as Fields,
    at: placeOf(event),
  });
});

on("Parameters:GuardianChanged", async ({ event, context }) => {
  const guardian = event.args.next;
  await context.db.insert(safeguard).values({ id: "parameters", guardian }).onConflictDoUpdate({ guardian });
});

on("Parameters:Paused", async ({ event, context }) => {
  await context.db.update(safeguard, { id: "parameters" }).set({ pausedUntil: event.args.until });
});

on("Parameters:Unpaused", async ({ event, context }) => {
  const pausedUntil = Number(event.block.timestamp);
  await context.db.update(safeguard, { id: "parameters" }).set({ pausedUntil });
});
