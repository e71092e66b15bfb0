import { Anchor } from "@mantine/core";
import { Link, useRouteError } from "react-router";
import { Empty } from "../components/Empty.tsx";
import { Failure } from "../components/Failure.tsx";
import { Page } from "../components/Page.tsx";
import { Panel } from "../components/Panel.tsx";

/** A path that no page has, or the page of a thing that there cannot be. @param what "job", … Default: "page". */
export function NotFound({ what = "page" }: { what?: string }) {
  return (
    <Page title="Not found">
      <Panel>
        <Empty
          title={`There is no such ${what}`}
          action={
            <Anchor component={Link} to="/">
              To the market
            </Anchor>
          }
        />
      </Panel>
    </Page>
  );
}

/** A page that failed to load or to draw. */
export function PageError() {
  const error = useRouteError();
  return (
    <Page title="Something failed">
      <Failure error={error} onRetry={() => location.reload()} />
    </Page>
  );
}
