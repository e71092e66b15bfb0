// What a page of a stranger's might do with the client: bundled by Vite, run in Chromium by the tests beside it.
import * as client from "@millrace/client";
import { createBrowserState } from "@millrace/client/browser";

async function linesOf(source: AsyncIterable<string>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of source) lines.push(line);
  return lines;
}

const exported = {
  names: () => Object.keys(client),
  open: (name: string) => createBrowserState({ name }),
  linesOf,
  /** The code of the error that something fails with; undefined if it does not fail. */
  codeOf: (work: Promise<unknown>): Promise<string | undefined> =>
    work.then(
      () => undefined,
      (error: { code?: string; message: string }) => error.code ?? error.message,
    ),
};

declare global {
  var millrace: typeof exported;
}

globalThis.millrace = exported;
