import { describe, expect, test } from "vitest";
import { countEvents } from "../../helpers/marketDriver/coverage.ts";
import { startMarket } from "../../helpers/marketDriver/market.ts";
import { MarketDriver } from "../../helpers/marketDriver/marketDriver.ts";
import { scenes } from "../../helpers/marketDriver/scenes/index.ts";

describe("the market driver", () => {
  test("makes every event of every contract that can occur", async () => {
    await using chain = await startMarket();
    const market = new MarketDriver(chain.network, 1);
    for (const scene of Object.values(scenes)) await scene(market);

    const counts = await countEvents(chain.network);
    const missing = [...counts].filter(([, count]) => count === 0).map(([name]) => name);
    expect(missing).toEqual([]);
  });
});
