import type { EventPlace } from "@millrace/protocol";
import type { PgColumnsBuilders } from "ponder";

/** Where in the chain something happened, under the name that a column has in replies. */
export const place = (t: PgColumnsBuilders) => t.json().$type<EventPlace>();

/** Its number in the order of the chain; see `sequenceOf`. */
export const sequence = (t: PgColumnsBuilders) => t.int8({ mode: "number" });

/** Unix seconds, token counts of one item, numbers of items: what 32 or 40 bits without a sign hold. */
export const number = (t: PgColumnsBuilders) => t.int8({ mode: "number" });
