/** How long each call takes while so many readers call one after the other for some seconds, in milliseconds. */
export async function readTogether(
  call: (reader: number) => Promise<unknown>,
  { readers, seconds }: { readers: number; seconds: number },
): Promise<number[]> {
  // A connection of each, and a plan of each query.
  await Promise.all(Array.from({ length: readers }, (_, reader) => call(reader)));
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const read = async (reader: number) => {
    while (performance.now() < end) {
      const startedAt = performance.now();
      await call(reader);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: readers }, (_, reader) => read(reader)));
  return times;
}
