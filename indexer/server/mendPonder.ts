import { registerHooks } from "node:module";

// What of Ponder 0.16.10 reorgs and strangers break, mended as it is loaded. Ponder is pinned: another version has other
// text, and does not start until somebody has looked.

interface Mend {
  /** In Ponder's folder. */
  file: string;
  from: string;
  to: string;
}

const mends: readonly Mend[] = [
  {
    // While it looks for the last block that both chains have, it forgets its own from the tip down. If that search
    // fails, because the node does or because the chain changes again, it went on from where it had got to, and what
    // the forgotten blocks had done was never undone.
    file: "sync-realtime/index.js",
    from: "const reconcileReorg = async (block) => {",
    to: `const reconcileReorg = async (block) => {
        const before = unfinalizedBlocks;
        try {
            return await findCommonAncestor(block);
        }
        catch (error) {
            unfinalizedBlocks = before;
            throw error;
        }
    };
    const findCommonAncestor = async (block) => {`,
  },
  {
    // A block that a reorg took back while it was being read does not come again. To ask for it for a minute, as of a
    // node that fails, only keeps the indexer from the blocks that are there now.
    file: "rpc/index.js",
    from: "if (shouldRetry(error) === false) {",
    to: `const isGone = body.params?.[0]?.blockHash !== undefined
                        && /unknown block|block not found|header not found/i.test(error.details ?? error.message);
                    if (isGone || shouldRetry(error) === false) {`,
  },
  {
    // It gave its configuration and API another copy of itself, read by Vite, of which nothing here would be mended.
    file: "build/index.js",
    from: "new ViteNodeServer(viteDevServer)",
    to: "new ViteNodeServer(viteDevServer, { deps: { external: [/\\/ponder\\/dist\\//] } })",
  },
  {
    // A negative limit was none.
    file: "graphql/index.js",
    from: "if (limit > MAX_LIMIT) {",
    to: "if (limit < 0 || limit > MAX_LIMIT) {",
  },
];

const folder = new URL("./", import.meta.resolve("ponder")).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mend = mends.find(({ file }) => url === `${folder}${file}`);
    if (mend === undefined) return loaded;
    const text = Buffer.from(loaded.source as Uint8Array).toString();
    const parts = text.split(mend.from);
    if (parts.length !== 2) throw new Error(`Ponder's ${mend.file} is not as in 0.16.10.`);
    return { ...loaded, source: parts.join(mend.to) };
  },
});
