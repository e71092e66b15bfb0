import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The script of `page.ts` with all that it imports, as Vite bundles it, and what Vite warned of. */
export async function bundlePage(): Promise<{ script: string; warnings: string[] }> {
  const warnings: string[] = [];
  const output = await build({
    root: fileURLToPath(new URL(".", import.meta.url)),
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      target: "es2023",
      minify: false,
      lib: { entry: fileURLToPath(new URL("page.ts", import.meta.url)), formats: ["es"] },
      rollupOptions: {
        onwarn: ({ message }) => {
          warnings.push(message);
        },
        output: { codeSplitting: false },
      },
    },
  });
  const [bundle] = Array.isArray(output) ? output : [output];
  const [chunk] = bundle && "output" in bundle ? bundle.output : [];
  if (!chunk) throw new Error("Vite bundled nothing.");
  return { script: chunk.code, warnings };
}

/** Serves a page that runs the script, on loopback, where a browser has all of its storage. */
export async function servePage(script: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
