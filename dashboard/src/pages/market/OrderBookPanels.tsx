import { Grid } from "@mantine/core";
import type { OrderBook } from "@millrace/protocol";
import { Empty } from "../../components/Empty.tsx";
import { Panel } from "../../components/Panel.tsx";
import { PriceUnit } from "../../components/PriceUnit.tsx";
import { AsksTable } from "./AsksTable.tsx";
import { BidsTable } from "./BidsTable.tsx";
import { DepthChart } from "./DepthChart.tsx";

/** What is on offer for a model, what is bid for, and how deep it goes. */
export function OrderBookPanels({ book }: { book: OrderBook }) {
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Panel title="Offers" actions={<PriceUnit />} flush>
          {book.asks.length > 0 ? (
            <AsksTable asks={book.asks} />
          ) : (
            <Empty title="Nobody sells this model now">
              A job can still be opened: it rests as a bid, and whoever serves the model can claim it.
            </Empty>
          )}
        </Panel>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Panel title="Depth">
          <DepthChart book={book} />
        </Panel>
      </Grid.Col>
      <Grid.Col span={12}>
        <Panel title="Bids" actions={<PriceUnit />} flush>
          {book.bids.length > 0 ? (
            <BidsTable bids={book.bids} />
          ) : (
            <Empty title="No bid rests here">Every open job has found its providers.</Empty>
          )}
        </Panel>
      </Grid.Col>
    </Grid>
  );
}
