import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, test } from 'vitest';

test('the client is the one that is made from openapi.json', async () => {
  const made = astToString(await openapiTS(new URL('../openapi.json', import.meta.url)));
  const kept = readFileSync(new URL('../src/api/schema.d.ts', import.meta.url), 'utf8');
  const body = (text: string) => text.slice(text.indexOf('export interface paths')).trim();
  expect(body(kept) === body(made), 'npm run types').toBe(true);
});
