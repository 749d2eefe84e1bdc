// How the page is built: hashed names, no inline script or style, and a compressed copy beside
// every file, so that the program can serve it as it lies.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compress } from './tools/compress.ts';
import { paintFirst } from './tools/paint-first.ts';

/** Where `npm run dev` finds a running program. */
const program = process.env.TAPMAP_URL ?? 'http://127.0.0.1:8050';

export default defineConfig({
  plugins: [svelte(), paintFirst(), compress()],
  build: {
    outDir: '../crates/tapmap-web/dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // Inlining would put data: URLs into styles and scripts, which the content policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: program, changeOrigin: true } } },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], environment: 'node' },
});
