import { join } from "node:path";
import { formatNetwork, type Network } from "@millrace/protocol";
import express, { type Express } from "express";

const YEAR_MS = 365 * 24 * 3_600_000;

/** The pages in `folder`, told of `network` by `/config.json`. */
export function createApp({ folder, network }: { folder: string; network: Network }): Express {
  const app = express();
  app.disable("x-powered-by");
  const headers = securityHeaders(network);
  app.use((_request, response, next) => {
    response.set(headers);
    next();
  });
  app.get("/config.json", (_request, response) => {
    response.set("cache-control", "no-store").type("json").send(formatNetwork(network));
  });
  // The names of these hold their checksums.
  app.use(
    "/assets",
    express.static(join(folder, "assets"), { immutable: true, maxAge: YEAR_MS, fallthrough: false }),
  );
  app.use(express.static(folder, { cacheControl: false }));
  // Every other path is a page's, which the browser draws.
  app.get("/{*path}", (_request, response) => {
    response.set("cache-control", "no-cache").sendFile(join(folder, "index.html"));
  });
  return app;
}

/** What the pages may do: run what this server sends, and talk to the market's own addresses. */
function securityHeaders({ rpcUrl, relays, indexers = [] }: Network): Record<string, string> {
  const origins = new Set([rpcUrl, ...relays, ...indexers].map((url) => new URL(url).origin));
  const policy = {
    "default-src": "'none'",
    // Keccak runs as WebAssembly.
    "script-src": "'self' 'wasm-unsafe-eval'",
    // Mantine writes style elements, whose content hangs on the theme.
    "style-src": "'self' 'unsafe-inline'",
    // Wallets announce themselves with icons in data URLs.
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": ["'self'", ...origins].join(" "),
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([directive, value]) => `${directive} ${value}`)
      .join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  };
}
