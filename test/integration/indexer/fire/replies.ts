import { rowsOf, type Tables } from "./tables.ts";

/** All that an indexer's REST answers about what is in its tables, by path. */
export async function readReplies(url: string, tables: Tables): Promise<Map<string, unknown>> {
  const column = (table: string, name: string) => rowsOf(tables, table).map((row) => String(row[name]));
  const models = column("model", "model_id");
  const paths = [
    "totals",
    "parameters",
    "stake",
    ...models.flatMap((id) => [
      `models/${id}`,
      `models/${id}/book`,
      `models/${id}/prices?bucketSeconds=86400`,
    ]),
    ...models.map((id) => `quotes?modelId=${id}&items=7&promptTokens=20&outputTokens=30`),
    ...column("provider", "provider").map((address) => `providers/${address}`),
    ...column("job", "job_id").map((id) => `jobs/${id}`),
    ...column("court_case", "case_id").map((id) => `cases/${id}`),
    ...column("proposal", "proposal_id").map((id) => `proposals/${id}`),
    ...column("account", "address").map((address) => `accounts/${address}`),
  ];
  const replies = new Map<string, unknown>();
  for (const path of paths) replies.set(path, await get(url, path));
  for (const list of ["jobs", "cases", "models", "providers", "proposals"])
    replies.set(list, await getAll(url, list));
  return replies;
}

async function getAll(url: string, list: string): Promise<unknown[]> {
  const items: unknown[] = [];
  let after: string | undefined;
  do {
    const cursor = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
    const page = (await get(url, `${list}?limit=50${cursor}`)) as { items: unknown[]; next?: string };
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(`${url}/v1/${path}`);
  const body = (await response.json()) as unknown;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
  return body;
}
