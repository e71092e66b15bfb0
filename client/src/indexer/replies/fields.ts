import type { EventPlace, Page, Percentiles, PricePair } from "@millrace/protocol";
import { type Address, getAddress, type Hex } from "viem";
import { z } from "zod";

/** Base units in decimal; never negative. */
export const amount = z.string().regex(/^\d{1,78}$/);
/** A count, or seconds. */
export const whole = z.int().nonnegative();

export const address = z
  .string()
  .regex(/^0x[\da-fA-F]{40}$/)
  .transform((text): Address => getAddress(text));
export const bytes = z
  .string()
  .regex(/^0x([\da-fA-F]{2})*$/)
  .transform((text) => text.toLowerCase() as Hex);
/** 32 bytes. */
export const hash = z
  .string()
  .regex(/^0x[\da-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as Hex);

export const place: z.ZodType<EventPlace> = z.object({ block: whole, time: whole, transactionHash: hash });

export const priceFields = { promptPricePerMillion: amount, outputPricePerMillion: amount };
export const pricePair: z.ZodType<PricePair> = z.object(priceFields);

export function percentilesOf<T extends z.ZodType>(value: T): z.ZodType<Percentiles<z.output<T>>> {
  // The generic's optionality is what TypeScript cannot see through.
  return z.object({ p10: value, p50: value, p90: value }) as unknown as z.ZodType<Percentiles<z.output<T>>>;
}

export function pageOf<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({ items: z.array(item), next: z.string().min(1).exactOptional() });
}

/** A reply that has to be about what was asked for: an indexer that says it of something else is not to be believed. */
export function only<T>(reply: z.ZodType<T>, isAsked: (value: T) => boolean): z.ZodType<T> {
  return reply.refine(isAsked, "It is about something else than what was asked for.");
}

/** Whether two ids or addresses are the same, in whichever letters. */
export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
