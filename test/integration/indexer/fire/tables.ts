import pg from "pg";

/** Each table's rows, in an order of their own, by name. */
export type Tables = ReadonlyMap<string, readonly Record<string, unknown>[]>;

/** Reads all that an indexer has written about the chain. */
export async function readTables(databaseUrl: string, schema: string): Promise<Tables> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ table_name: string }>(
      `SELECT table_name FROM information_schema.tables
       WHERE table_schema = $1 AND table_type = 'BASE TABLE' ORDER BY table_name`,
      [schema],
    );
    // What Ponder keeps for itself: its place in the chain, and how to undo what is not final.
    const names = rows
      .map(({ table_name }) => table_name)
      .filter((name) => !name.startsWith("_ponder") && !name.startsWith("_reorg"));
    const tables = new Map<string, Record<string, unknown>[]>();
    for (const name of names) {
      // By the whole row: few tables have a column that orders them.
      const found = await client.query<Record<string, unknown>>(
        `SELECT t.* FROM "${schema}"."${name}" t ORDER BY to_jsonb(t)::text`,
      );
      tables.set(name, found.rows);
    }
    return tables;
  } finally {
    await client.end();
  }
}

/** The rows of one table. */
export function rowsOf(tables: Tables, name: string): readonly Record<string, unknown>[] {
  const rows = tables.get(name);
  if (rows === undefined) throw new Error(`No table ${name}`);
  return rows;
}
