import { Button, Grid, Stack, Text, Title } from "@mantine/core";
import type { ModelSummary } from "@millrace/protocol";
import { Link, useSearchParams } from "react-router";
import { Address } from "../components/Address.tsx";
import { Empty } from "../components/Empty.tsx";
import { Hash } from "../components/Hash.tsx";
import { Loaded } from "../components/Loaded.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";
import { PriceUnit } from "../components/PriceUnit.tsx";
import { Time } from "../components/Time.tsx";
import { useIndexed } from "../market/useIndexed.ts";
import { useModels } from "../market/useModels.ts";
import { Attestations } from "./market/Attestations.tsx";
import { CostEstimate } from "./market/CostEstimate.tsx";
import { EarningsEstimate } from "./market/EarningsEstimate.tsx";
import { ModelsTable } from "./market/ModelsTable.tsx";
import { OrderBookPanels } from "./market/OrderBookPanels.tsx";
import { PriceHistory } from "./market/PriceHistory.tsx";
import { Totals } from "./market/Totals.tsx";

/** What is traded, at what price, and what it would bring or cost. */
export function MarketPage() {
  const { query: models } = useModels();
  const [search] = useSearchParams();
  return (
    <Page
      title="Market"
      description="Batch inference on idle GPUs. Providers ask, buyers take the cheapest that fit; what no offer has room for rests as a bid."
      actions={
        <Button component={Link} to="/batches/new">
          New batch
        </Button>
      }
    >
      <Totals />
      <Loaded query={models} rows={6}>
        {(list) => {
          const selected = selectedModel(list, search.get("model"));
          if (!selected) {
            return (
              <Panel title="Models">
                <Empty title="No model is published yet">
                  A provider publishes the model that it serves with its first offer: see ./millrace provider.
                </Empty>
              </Panel>
            );
          }
          return (
            <>
              <Panel title="Models" actions={<PriceUnit />} flush>
                <ModelsTable models={list} selected={selected} />
              </Panel>
              <ModelPanels key={selected.modelId} model={selected} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** The one that is asked for, else the first that is on offer. */
function selectedModel(models: readonly ModelSummary[], asked: string | null): ModelSummary | undefined {
  return (
    models.find(({ modelId }) => modelId === asked) ??
    models.find(({ liveOffers }) => liveOffers > 0) ??
    models[0]
  );
}

function ModelPanels({ model }: { model: ModelSummary }) {
  const book = useIndexed(["book", model.modelId], (indexer) => indexer.book({ modelId: model.modelId }));
  return (
    <Stack gap="lg">
      <Stack gap={0} mb={-8}>
        <Title order={2} fz="1.25rem">
          {model.spec.name}
        </Title>
        <Text size="sm" c="dimmed">
          <Hash hash={model.modelId} what="model id" />, published by <Address address={model.publisher} />{" "}
          <Time seconds={model.publishedAt.time} />
        </Text>
      </Stack>
      <Loaded query={book} rows={8}>
        {(data) => <OrderBookPanels book={data} />}
      </Loaded>
      <PriceHistory modelId={model.modelId} />
      <Attestations modelId={model.modelId} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <CostEstimate key={model.modelId} model={model} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <EarningsEstimate model={model} book={book.data} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
