import type { Bid, OrderBook, PricePair } from "@millrace/protocol";

/** One step of the order book's two stairs. */
export interface DepthPoint {
  /** Base units per 10⁶ tokens, of which half are prompt's. */
  price: number;
  /** Items on offer at this price or below. */
  asks: number;
  /** Items bid for at this price or above, now. */
  bids: number;
}

/** The one number that orders two prices: per 10⁶ tokens, as many of prompt as of output. */
export function blendedPrice({ promptPricePerMillion, outputPricePerMillion }: PricePair): number {
  return (Number(promptPricePerMillion) + Number(outputPricePerMillion)) / 2;
}

/** How much is on offer up to each price, and bid for down to it. Cheapest first. */
export function depthOf({ depth, bids }: Pick<OrderBook, "depth" | "bids">): DepthPoint[] {
  const asked = depth.map(({ items, ...prices }) => ({ price: blendedPrice(prices), items }));
  const wanted = bids.map(({ items, now }: Bid) => ({ price: blendedPrice(now), items }));
  const prices = [...new Set([...asked, ...wanted].map(({ price }) => price))].sort((a, b) => a - b);
  const sum = (steps: { price: number; items: number }[], isIn: (price: number) => boolean) =>
    steps.reduce((total, { price, items }) => (isIn(price) ? total + items : total), 0);
  return prices.map((price) => ({
    price,
    asks: sum(asked, (other) => other <= price),
    bids: sum(wanted, (other) => other >= price),
  }));
}
