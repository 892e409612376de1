/**
 * The pages: three entries under src/web become static files in build/web, content-hashed, without
 * inline script or style, so that a strict content security policy holds (`npm run pages`).
 */
import { defineConfig } from "vite";

export default defineConfig({
  root: "src/web",
  base: "/",
  publicDir: false,
  build: {
    outDir: "../../build/web",
    emptyOutDir: true,
    target: "es2023",
    // A picture inside a style sheet would need `data:` in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["src/web/index.html", "src/web/wallet.html", "src/web/explain.html"],
    },
  },
  worker: { format: "es" },
});
