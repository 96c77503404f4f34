// Every word that the page asks for is there in both languages, and none is there for nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import enFirst from '../src/words/en.json';
import enMore from '../src/words/en.more.json';
import zhFirst from '../src/words/zh.json';
import zhMore from '../src/words/zh.more.json';

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, before = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[before + key, value] as [string, string]] : flat(value, `${before}${key}.`),
  );
const words = { zh: flat({ ...zhFirst, ...zhMore } as Tree), en: flat({ ...enFirst, ...enMore } as Tree) };
const known = new Set(words.zh.map(([key]) => key));

const src = new URL('../src/', import.meta.url).pathname;
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('schema.d.ts'))
  .map((name) => readFileSync(join(src, name), 'utf8'))
  .join('\n');

/** Texts in quotes that look like keys, and keys that are put together: `deed.${…}` stands for all that begin so. */
const quoted = new Set(
  [...sources.matchAll(/'([a-z][A-Za-z]*(?:\.[A-Za-z0-9_]+)*)'/g)].map((match) => match[1] as string),
);
const asked = [...sources.matchAll(/\b(?:t|say)\(\s*'([^']+)'/g)].map((match) => match[1] as string);
const begun = [...sources.matchAll(/\b(?:t|say)\(\s*`([a-z][A-Za-z.]*\.)\$\{/g)].map((match) => match[1] as string);
const around = [...sources.matchAll(/`([a-z][A-Za-z.]*\.)\$\{[^}]+\}([A-Za-z]+)`/g)].map((match) => [
  match[1],
  match[2],
]);

test('both languages have the same words', () => {
  expect(words.en.map(([key]) => key)).toEqual(words.zh.map(([key]) => key));
});

test('each group of words is in one of the two files', () => {
  expect(Object.keys(zhFirst).filter((group) => group in zhMore)).toEqual([]);
  expect(Object.keys(enFirst)).toEqual(Object.keys(zhFirst));
});

test('the first screens ask for no word that comes later', () => {
  const files = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?'(\.[^';]*)';/gm)) {
      const path = join(dirname(file), name as string);
      const found = ['.ts', '.tsx', '/index.ts'].map((end) => path + end).find((one) => existsSync(one));
      if (found) visit(found);
    }
  };
  for (const name of ['main.tsx', 'routes/sign-in.tsx', 'routes/shell.tsx', 'routes/dossiers/list.tsx'])
    visit(join(src, name));
  expect(files.size).toBeGreaterThan(40);
  const later = [...files].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/['`]([a-z][A-Za-z]*)\.[A-Za-z0-9_$.{}]*['`]/g)]
      .filter(([, group]) => group && group in zhMore)
      .map(([key]) => `${file.slice(src.length)}: ${key}`),
  );
  expect(later).toEqual([]);
});

test('what comes later brings its words along', () => {
  const router = readFileSync(join(src, 'router.tsx'), 'utf8');
  expect([...router.matchAll(/lazyRouteComponent\(\(\) => import\('([^']+)'\)/g)].map(([, file]) => file)).toEqual([
    './routes/sign-in',
    './routes/shell',
    './routes/dossiers/list',
  ]);
  expect(sources.match(/\blazy\(/g)).toHaveLength(1);
});

test('what is filled in is the same in both', () => {
  const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
  const english = new Map(words.en);
  for (const [key, text] of words.zh) expect(holes(english.get(key) ?? ''), key).toEqual(holes(text));
});

test('no word is missing', () => {
  expect(asked.filter((key) => !known.has(key))).toEqual([]);
  for (const start of begun)
    expect(
      [...known].some((key) => key.startsWith(start)),
      start,
    ).toBe(true);
});

test('no word is left over', () => {
  const used = (key: string) =>
    quoted.has(key) ||
    begun.some((start) => key.startsWith(start) && !key.slice(start.length).includes('.')) ||
    around.some(([start, end]) => key.startsWith(start ?? '') && key.endsWith(end ?? ''));
  expect([...known].filter((key) => !used(key))).toEqual([]);
});

test('English has no Chinese left in it, and nobody shouts', () => {
  const chinese = words.en.filter(
    ([key, text]) => /[\u3400-\u9fff]/.test(text) && !/^(edit\.moneyHint|map\.unitHint)$/.test(key),
  );
  expect(chinese).toEqual([]);
  for (const [key, text] of [...words.zh, ...words.en]) expect(text, key).not.toMatch(/[!！]/);
});
