// WCAG 2.2 AA by axe on every screen, in both languages and both themes; on a phone nothing scrolls sideways and what is
// touched is large enough.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import zh from '../src/words/zh.json' with { type: 'json' };
import { as, context, expect, good, openFirst, phone, still, test, watch } from './support';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The rules about colours: all that a dark page changes. */
const colours = ['color-contrast', 'link-in-text-block'];

/** What axe finds on the page, one line for each. */
async function axe(page: Page, name: string, rules?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  const found = await (rules ? builder.withRules(rules) : builder.withTags(tags))
    // Rows are alike; the first ones stand for all.
    .exclude('tbody tr:nth-child(n + 6)')
    .exclude('.cards li:nth-child(n + 6)')
    .exclude('.board li:nth-child(n + 4)')
    .analyze();
  return found.violations.flatMap((one) =>
    one.nodes.slice(0, 3).map((node) => `${name}: ${one.id}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`),
  );
}

/** All of it in light, and the colours in dark too. */
async function inBoth(page: Page, name: string): Promise<string[]> {
  const found = await axe(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[data-theme=dark]').waitFor();
  await page.waitForTimeout(250);
  found.push(...(await axe(page, `${name}, dark`, colours)));
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator('html[data-theme=light]').waitFor();
  return found;
}

const chinese: string[] = [];
(function collect(words: object) {
  for (const word of Object.values(words))
    if (typeof word === 'string') chinese.push(word);
    else collect(word as object);
})(zh);

/** In English nothing is left of the page's own Chinese, and what names or does something is not cut off. */
const english = (page: Page): Promise<string[]> =>
  page.evaluate((words) => {
    const own = new Set(words);
    const wrong: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent?.trim() ?? '';
      if (/[\u3400-\u9fff]/.test(text) && own.has(text)) wrong.push(`Chinese left: ${text}`);
    }
    const named = 'button, th, h1, h2, h3, label, .nav a, .tag, .side-tabs a, dt, legend';
    for (const one of document.querySelectorAll<HTMLElement>(named)) {
      const hidden = one.offsetParent === null || one.closest('.hear') || one.clientWidth === 0;
      if (!hidden && one.scrollWidth > one.clientWidth + 1)
        wrong.push(`cut off: ${one.tagName}.${one.className}: ${one.innerText.slice(0, 60)}`);
    }
    return wrong;
  }, chinese);

const click = (selector: string) => async (page: Page) => {
  await page.locator(selector).first().click();
  await page.waitForTimeout(350);
};

type Screen = [name: string, path: string | ((page: Page) => Promise<void>), then?: (page: Page) => Promise<void>];
const screens: Screen[] = [
  ['home', '/'],
  ['list', '/dossiers'],
  ['list, filters', '/dossiers?stage=%5B2%5D', async (page) => page.keyboard.press('f')],
  [
    'list, selected',
    '/dossiers',
    async (page) => {
      await page.locator('tbody tr').first().waitFor();
      for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
      await page.locator('.bulk').waitFor();
    },
  ],
  [
    'list, columns',
    '/dossiers',
    async (page) => {
      await page.locator('.tools .ant-select').click();
      await page.locator('.ant-select-item').last().click();
      await page.locator('.picker').waitFor();
    },
  ],
  ['board', '/dossiers?show=board', async (page) => page.locator('.board-card').first().waitFor()],
  [
    'board, menu',
    '/dossiers?show=board',
    async (page) => {
      await page.locator('.board-card').first().waitFor();
      for (const key of ['ArrowDown', 's']) await page.keyboard.press(key);
      await page.locator('.stages').waitFor();
    },
  ],
  ['new dossier', '/dossiers/new'],
  ['record', openFirst],
  ['record, editing', openFirst, click('.record-main button.value')],
  ['record, origin', openFirst, click('.record-main .label')],
  ['record, history', openFirst, click('.side-tabs a:nth-child(2)')],
  ['record, looks', openFirst, click('.side-tabs a:nth-child(3)')],
  ['reveal', openFirst, click('.look')],
  ['search', '/search'],
  ['palette', '/', async (page) => page.keyboard.press('Control+k')],
  ['keys', '/', async (page) => page.keyboard.press('?')],
  ['menu', '/', click('.me')],
  ['imports', '/imports'],
  ['upload', '/imports/new'],
  ['quality', '/quality'],
  ['approvals', '/approvals'],
  ['ledger', '/security/ledger'],
  ['ledger entry', '/security/ledger', click('tbody tr:nth-child(3) button')],
  ['ledger, nothing found', '/security/ledger?who=system&action=reveal'],
  ['evidence', '/security/ledger', click('.page-head .actions button')],
  ['people', '/settings/people'],
  [
    'person, other roles',
    '/settings/people',
    async (page) => {
      await click('tbody tr button')(page);
      await click('.menu .do')(page);
    },
  ],
  ['roles', '/settings/roles'],
  ['role, built in', '/settings/roles/CDU'],
  ...['fields', 'actions', 'rows', 'hours', 'inherits'].map((part): Screen => [
    `role, ${part}`,
    `/settings/roles/new?from=CDA&part=${part}`,
  ]),
  ['role, members', '/settings/roles/CDU?part=members'],
  [
    'role, review',
    '/settings/roles/new?from=CDA',
    async (page) => {
      await page.locator('.rule-choice label').first().click();
      await page.locator('.rule-choice label').last().click();
      await click('.table-foot .ant-btn-primary')(page);
    },
  ],
  ['record, owner', openFirst, click('.owner')],
  ['teams', '/settings/teams'],
  ['team, editing', '/settings/teams', click('.team .ant-btn')],
  ['programs', '/settings/programs'],
  ['flows', '/settings/flows'],
  ['kinds', '/settings/kinds'],
  ['keys of the installation', '/settings/keys'],
  ['my security', '/me/security'],
  ['missing', '/nowhere'],
];

// What is dark is so in every language: the second one is looked at in light.
for (const language of ['zh', 'en'] as const)
  test(`every screen, ${language}`, async ({ browser }) => {
    test.setTimeout(600_000);
    const look = language === 'zh' ? inBoth : axe;
    const wrong: string[] = [];
    const out = await (await context(browser, { language, theme: 'system' })).newPage();
    watch(out);
    await out.goto('/sign-in');
    await out.locator('#sign-in-name').waitFor();
    wrong.push(...(await look(out, 'sign-in')));
    await out.goto('/set-up#nothing');
    await out.locator('[role=alert]').waitFor();
    wrong.push(...(await look(out, 'set-up')));
    good(out);
    await out.context().close();

    const size = { width: 1280, height: 800 };
    const page = await as(browser, 'cdo', { language, theme: 'system', ...(language === 'en' ? { size } : {}) });
    for (const [name, open, then] of screens) {
      if (typeof open === 'string') await page.goto(open);
      else await open(page);
      await page.locator('#main').waitFor();
      await still(page);
      await then?.(page);
      await page.waitForTimeout(250);
      wrong.push(...(await look(page, name)));
      if (language === 'en') wrong.push(...(await english(page)).map((one) => `${name}: ${one}`));
    }
    expect(wrong).toEqual([]);
    good(page);
    await page.context().close();
  });

test('a phone', async ({ browser }) => {
  test.setTimeout(300_000);
  const wrong: string[] = [];
  const page = await as(browser, 'cdo', { theme: 'system', size: phone });
  const open = async () => {
    await page.goto('/dossiers');
    await page.locator('.cards .card').first().tap();
    await page.locator('.record-head').waitFor();
  };
  const all: [string, string | (() => Promise<void>)][] = [
    ['home', '/'],
    ['list', '/dossiers'],
    ['board', '/dossiers?show=board'],
    ['record', open],
    ['new', '/dossiers/new'],
    ['search', '/search'],
    ['me', '/me'],
    ['approvals', '/approvals'],
    ['flows', '/settings/flows'],
    ['ledger', '/security/ledger'],
    ['quality', '/quality'],
    ['imports', '/imports'],
    ['upload', '/imports/new'],
    ['people', '/settings/people'],
    ['roles', '/settings/roles'],
    ...['fields', 'actions', 'rows', 'hours', 'inherits'].map((part): [string, string] => [
      `role, ${part}`,
      `/settings/roles/new?from=CDA&part=${part}`,
    ]),
    ['role, members', '/settings/roles/CDU?part=members'],
    ['teams', '/settings/teams'],
    ['my security', '/me/security'],
  ];
  for (const [name, path] of all) {
    if (typeof path === 'string') await page.goto(path);
    else await path();
    await page.locator('#main').waitFor();
    await still(page);
    wrong.push(...(await inBoth(page, name)));
    const wide = await page.evaluate(() => {
      const main = document.getElementById('main');
      return Math.max(
        document.documentElement.scrollWidth - window.innerWidth,
        main ? main.scrollWidth - main.clientWidth : 0,
      );
    });
    if (wide > 0) wrong.push(`${name}: scrolls sideways by ${wide}`);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a[href], input, [role=combobox]')]
        .filter(
          (one) => one.offsetParent !== null && !one.closest('.hear, p, .section-head, .facts, li.head, .field-row dt'),
        )
        .map((one) => ({
          one,
          box: (
            one.closest('.ant-select, .ant-input-affix-wrapper, label, .ant-radio-wrapper') ?? one
          ).getBoundingClientRect(),
        }))
        .filter(({ box }) => box.width > 0 && box.height < 43.5)
        .map(({ one, box }) => `${one.tagName}.${one.className}: ${Math.round(box.height)}`),
    );
    wrong.push(...[...new Set(small)].map((one) => `${name}: under 44 px: ${one}`));
  }
  expect(wrong).toEqual([]);
  good(page);
  await page.context().close();
});
