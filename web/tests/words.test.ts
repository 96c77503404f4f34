// Every word that the page asks for is there in both languages, and none is there for nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from '../src/words/en.json';
import zh from '../src/words/zh.json';

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, before = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[before + key, value] as [string, string]] : flat(value, `${before}${key}.`),
  );
const words = { zh: flat(zh as Tree), en: flat(en as Tree) };
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
