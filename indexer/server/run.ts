// Ponder's command line, as `createIndexer` runs it: ends with who started it, on whom nobody waits any more.
import "./mendPonder.ts";

// At once: nobody reads its log any more, on which an orderly end hangs. What is committed survives.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

await import(new URL("./bin/ponder.js", import.meta.resolve("ponder")).href);
