import { z } from "@hono/zod-openapi";
import { type Address, getAddress, type Hex } from "viem";

export const amount = z.string().regex(/^\d+$/).openapi({ example: "1500000" });
export const whole = z.int().nonnegative();
export const seconds = whole.openapi({ example: 1_790_000_000 });
export const address = z.custom<Address>().openapi({ type: "string", pattern: "^0x[0-9a-fA-F]{40}$" });
export const bytes = z.custom<Hex>().openapi({ type: "string", pattern: "^0x([0-9a-f]{2})*$" });
export const hash = z.custom<Hex>().openapi({ type: "string", pattern: "^0x[0-9a-f]{64}$" });
export const text = z.string();

export const place = z.object({ block: whole, time: seconds, transactionHash: hash }).openapi("EventPlace");

export const prices = { promptPricePerMillion: amount, outputPricePerMillion: amount };
export const pricePair = z.object(prices).openapi("PricePair");

/** Checks a description against what the protocol says a reply is, both ways, when it is compiled. */
export const describing =
  <T>() =>
  <S extends z.ZodType<T>>(schema: S & ([T] extends [z.infer<S>] ? unknown : never)): S =>
    schema;

// ---------------------------------------------------------------- what requests bring

export const addressParam = z
  .string()
  .regex(/^0x[\da-fA-F]{40}$/, "An address has 40 hexadecimal digits after 0x.")
  .transform((given): Address => getAddress(given.toLowerCase()))
  .openapi({ type: "string", example: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" });

export const hashParam = z
  .string()
  .regex(/^0x[\da-fA-F]{64}$/, "A hash has 64 hexadecimal digits after 0x.")
  .transform((given) => given.toLowerCase() as Hex)
  .openapi({ type: "string" });

/** A whole number of a query. */
export const countParam = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, "This is no whole number.")
    .transform(Number)
    .refine((given) => given >= minimum && given <= maximum, `From ${minimum} to ${maximum}.`)
    .openapi({ type: "integer", minimum, maximum });

export const limitParam = (maximum: number) => countParam(1, maximum).optional();

/** Of a route that takes nothing. */
export const noQuery = z.strictObject({});

/** Where a page ended: the `next` of it. */
export const afterParam = z
  .string()
  .regex(/^\d{1,16}$/, "`after` is the `next` of the page before.")
  .transform(Number)
  .optional()
  .openapi({ type: "string" });

/** As {@link afterParam}, of a list by two numbers. */
export const afterPairParam = z
  .string()
  .regex(/^\d{1,78}-\d{1,16}$/, "`after` is the `next` of the page before.")
  .transform((given) => given.split("-") as [string, string])
  .optional()
  .openapi({ type: "string" });
