// The pictures in docs/pictures, taken from the demo by `npm run screenshots`. The customers on them are made up.
import type { Page } from '@playwright/test';
import { as, phone, still, test, type Looks, type Role } from './support';

const out = new URL('../../docs/pictures/', import.meta.url).pathname;
const wide = { width: 1280, height: 760 };

test.skip(!process.env.DOSSIER_PICTURES, 'only when pictures are wanted');

const list = async (page: Page) => {
  await page.goto('/dossiers');
  await page.locator('tbody tr, .cards .card').first().waitFor();
};

const pictures: [name: string, role: Role, looks: Looks, open: (page: Page) => Promise<void>][] = [
  ['list', 'cdo', { size: wide }, list],
  [
    'reveal',
    'cda',
    { size: wide },
    async (page) => {
      await list(page);
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.locator('.look').first().click();
      await page.locator('.will-say').waitFor();
    },
  ],
  [
    'ledger',
    'isa',
    { size: wide, language: 'en', theme: 'dark' },
    async (page) => {
      await page.goto('/security/ledger');
      await page.locator('tbody tr').first().waitFor();
      await page.locator('.page-head .ant-btn-primary').click();
      await page.locator('.verdict.good').waitFor({ timeout: 60_000 });
    },
  ],
  ['phone-list', 'cde', { size: phone }, list],
  [
    'phone-record',
    'cde',
    { size: phone, theme: 'dark' },
    async (page) => {
      await list(page);
      await page.locator('.cards .card').first().click();
      await page.locator('.record-head').waitFor();
    },
  ],
];

for (const [name, role, looks, open] of pictures)
  test(name, async ({ browser }) => {
    test.setTimeout(120_000);
    const page = await as(browser, role, looks);
    await open(page);
    await still(page);
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${out}${name}.png` });
    await page.context().close();
  });
