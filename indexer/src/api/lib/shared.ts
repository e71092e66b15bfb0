/** What of a state of the tables a query depends on. */
interface State {
  version: string;
  now: number;
}

/** Lists stay as they are: whoever else shares them would see what one of them changed. */
type Shared<T> = T extends readonly unknown[] ? { readonly [Index in keyof T]: Shared<T[Index]> } : T;

const running = new Map<string, Promise<unknown>>();

/**
 * Runs a query on a state of the tables, unless the same one is running on it: then both get its rows. Nothing is kept
 * once it is there, so nobody gets rows older than the state that they ask about.
 *
 * @param key names the query and all that it depends on beside the state
 */
export function shared<T>({ version, now }: State, key: string, query: () => Promise<T>): Promise<Shared<T>> {
  const full = `${version} ${now} ${key}`;
  const same = running.get(full);
  // Of the same key.
  if (same !== undefined) return same as Promise<Shared<T>>;
  const fresh = query().finally(() => {
    running.delete(full);
  });
  running.set(full, fresh);
  return fresh as Promise<Shared<T>>;
}
