// What a browser loads before the list of dossiers stands there, compressed as it is sent, against its limit.
import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

const limit = 300_000;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

const files = new Set(['index.html']);
const visit = (key) => {
  const part = manifest[key];
  if (!part) throw new Error(`not in the manifest: ${key}`);
  if (files.has(part.file)) return;
  files.add(part.file);
  for (const style of part.css ?? []) files.add(style);
  for (const other of part.imports ?? []) visit(other);
};
for (const key of [
  'index.html',
  'src/words/zh.json',
  'src/routes/sign-in.tsx',
  'src/routes/shell.tsx',
  'src/routes/dossiers/list.tsx',
])
  visit(key);

let sum = 0;
for (const file of files) sum += brotliCompressSync(readFileSync(new URL(file, dist))).length;
console.log(`first load: ${files.size} files, ${(sum / 1000).toFixed(1)} kB compressed (limit ${limit / 1000} kB)`);
if (sum > limit) process.exit(1);
