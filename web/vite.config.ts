import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` passes the interface on to a server that runs already.
// The host stays the page's own: the server takes changes from pages of its host alone.
const server = { target: process.env.DOSSIER_URL ?? 'http://127.0.0.1:8480', changeOrigin: false };

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // A data: address in a style would need more than the page's policy allows.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: true,
  },
  server: { proxy: { '/v1': server, '/oauth': server, '/openapi.json': server, '/docs': server } },
  test: { include: ['tests/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
