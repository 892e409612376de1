/**
 * The pages: three entries under src/web become static files in build/web, content-hashed, without
 * inline script or style, so that a strict content security policy holds (`npm run pages`).
 *
 * Beside each text lie `.br` and `.gz`, so that whoever serves them compresses nothing. `build.txt`
 * names every file with its SHA-256, as `sha256sum` prints it: its own hash is the build's.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** The best quality would take six times as long, for a tenth less. */
const brotli = { [constants.BROTLI_PARAM_QUALITY]: 9 };

function finishFiles(folder: string): void {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
  const lines = paths.map((path) => {
    const bytes = readFileSync(join(folder, path));
    writeFileSync(join(folder, `${path}.br`), brotliCompressSync(bytes, { params: brotli }));
    writeFileSync(join(folder, `${path}.gz`), gzipSync(bytes, { level: 9 }));
    return `${createHash("sha256").update(bytes).digest("hex")}  ${path}\n`;
  });
  // Written last: a folder without it is a build that did not end.
  writeFileSync(join(folder, "build.txt"), lines.join(""));
}

const finish: Plugin = {
  name: "finish-files",
  writeBundle({ dir }) {
    if (dir !== undefined) finishFiles(dir);
  },
};

// oxlint-disable-next-line import/no-default-export -- Vite reads nothing else.
export default defineConfig({
  root: "src/web",
  base: "/",
  publicDir: false,
  plugins: [finish],
  // The same OpenPGP.js in parts: what a browser's own cryptography does is not loaded. (That
  // `#primitives` is the browser's, Vite finds by itself: package.json, `imports`.)
  resolve: { alias: [{ find: /^openpgp$/, replacement: "openpgp/lightweight" }] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../build/web",
    emptyOutDir: true,
    target: "es2023",
    // Those that know `light-dark()`: what is older gets the page without script.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A picture inside a style sheet would need `data:` in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["src/web/index.html", "src/web/wallet.html", "src/web/explain.html"],
    },
  },
  worker: { format: "es" },
});
