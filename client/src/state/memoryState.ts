import { lockedError, type StateStore } from "./stateStore.ts";

/** State that lives as long as the process: for tests and for pages that keep it elsewhere. A paid batch can be lost. */
export function createMemoryState(): StateStore {
  const texts = new Map<string, string>();
  const held = new Set<string>();
  return {
    read: async (key) => texts.get(key),
    write: async (key, text) => {
      texts.set(key, text);
    },
    async *readLines(key) {
      const text = texts.get(key);
      if (text) yield* text.slice(0, -1).split("\n");
    },
    writeLines: async (key, lines) => {
      let text = "";
      for await (const line of lines) text += `${line}\n`;
      texts.set(key, text);
    },
    list: async (key) => {
      const names = [...texts.keys()]
        .filter((name) => name.startsWith(`${key}/`))
        .map((name) => name.slice(key.length + 1).split("/")[0]!);
      return [...new Set(names)].sort();
    },
    isLocked: async (key) => held.has(key),
    lock: async (key) => {
      if (held.has(key)) throw lockedError(key);
      held.add(key);
      return {
        [Symbol.asyncDispose]: async () => {
          held.delete(key);
        },
      };
    },
  };
}
