import { beforeEach, expect, test, vi } from 'vitest';

const kept = new Map<string, string>();

/** The page as it starts in a browser of these languages that keeps this. */
async function start(languages: string[], settings?: object) {
  vi.resetModules();
  kept.clear();
  if (settings) kept.set('dossier.settings', JSON.stringify(settings));
  vi.stubGlobal('navigator', { languages });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  return import('../src/lib/settings');
}

beforeEach(() => vi.unstubAllGlobals());

test.each([
  [['zh-CN', 'en'], 'zh'],
  [['zh-Hant-TW'], 'zh'],
  [['en-GB', 'zh-CN'], 'en'],
  [['EN'], 'en'],
  [['de-DE', 'en-US', 'zh'], 'en'],
  [['fr-FR', 'zh'], 'zh'],
  [['de'], 'zh'],
  [['enx', 'zha'], 'zh'],
  [[], 'zh'],
])('before anybody chose, %j is %s', async (languages, language) => {
  expect((await start(languages)).settings().language).toBe(language);
});

test('a choice is kept, whatever the browser speaks', async () => {
  const page = await start(['en']);
  page.changeSettings({ language: 'zh' });
  expect(page.settings().language).toBe('zh');
  expect((await start(['en'], JSON.parse(kept.get('dossier.settings') ?? '') as object)).settings().language).toBe(
    'zh',
  );
});

test('choosing something else is no choice of a language', async () => {
  const page = await start(['en']);
  page.changeSettings({ density: 'tight' });
  expect(JSON.parse(kept.get('dossier.settings') ?? '')).toEqual({ density: 'tight' });
  expect(page.settings()).toEqual({ language: 'en', theme: 'system', density: 'tight', away: false });
});

test('what is kept and makes no sense is as if it were not there', async () => {
  for (const odd of [{ language: 'de', theme: 'pink', density: 3 }, []])
    expect((await start(['en'], odd)).settings()).toMatchObject({ language: 'en', theme: 'system', density: 'normal' });
  vi.resetModules();
  kept.set('dossier.settings', 'null');
  expect((await import('../src/lib/settings')).settings().language).toBe('en');
});
