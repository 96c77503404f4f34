// Somebody leaves, and what they answered for is taken over from the home page of whoever was named.
import AxeBuilder from '@axe-core/playwright';
import { type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { serve } from './server';
import { context, expect, phone, still, test, type Looks, type Role } from './support';

const folder = mkdtempSync(join(tmpdir(), 'dossier-hand-overs-'));
let program: ChildProcess;
let base = '';
let password = '';
const wrong: string[] = [];

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  // A server of its own: whoever leaves here is missing in every other test.
  const served = await serve(['--data', join(folder, 'data')], ['--demo'], {
    DOSSIER__KEYS__KEYSTORE: join(folder, 'keystore'),
  });
  ({ program, url: base } = served);
  password = /^password: (\S+)$/m.exec(served.said)?.[1] ?? '';
});
test.afterAll(async () => {
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

async function enter(browser: Browser, role: Role, looks: Looks = {}): Promise<Page> {
  const page = await (await context(browser, looks)).newPage();
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.goto(`${base}/sign-in`);
  await page.locator('#sign-in-name').fill(`demo.${role}`);
  await page.locator('#sign-in-password').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('#main').waitFor();
  return page;
}

interface Answer {
  status: number;
  body: { items: { id: string; name: string }[]; id: string; owner?: string };
}

/** The interface, as the session of a page. */
const call = (page: Page, method: string, path: string, body?: object): Promise<Answer> =>
  page.evaluate(
    async ({ method, path, body }) => {
      const { csrf } = (await (await fetch('/v1/session')).json()) as { csrf: string };
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf };
      const answer = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      return { status: answer.status, body: (await answer.json()) as never };
    },
    { method, path, body },
  );

let dossier = '';

test('who leaves is out at once, and nothing is shown to whoever takes nothing over', async ({ browser }) => {
  const [head, seller, next] = [await enter(browser, 'cdo'), await enter(browser, 'cde'), await enter(browser, 'cda')];
  dossier = (await call(seller, 'POST', '/v1/dossiers', { fields: { name: '示例移交有限公司', subject: 'A' } })).body
    .id;
  await expect(next.getByText('待接手')).toHaveCount(0);
  const { items } = (await call(head, 'GET', '/v1/users')).body;
  const id = items.find((one) => one.name === 'demo.cde')?.id ?? '';
  const left = await call(head, 'POST', `/v1/users/${id}/leave`, { how: 'left', successor: 'demo.cda' });
  expect(left.status).toBe(200);
  expect((await call(head, 'GET', `/v1/dossiers/${dossier}`)).body.owner).toBe('demo.cde');
  await seller.reload();
  await expect(seller.locator('#sign-in-password')).toBeVisible();
  for (const page of [head, seller, next]) await page.context().close();
});

for (const language of ['zh', 'en'] as const)
  test(`the list on a phone, ${language}`, async ({ browser }) => {
    const page = await enter(browser, 'cda', { language, size: phone });
    const list = page.locator('.hand-overs');
    await expect(list).toContainText('demo.cde');
    await expect(list).toContainText(language === 'zh' ? '1 份档案' : '1 dossiers');
    await still(page);
    const found = await new AxeBuilder({ page }).analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.target.join(' ')}`)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    const box = await list.getByRole('button').boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    await page.context().close();
  });

test('it is taken over by keyboard, and the dossiers follow', async ({ browser }) => {
  const page = await enter(browser, 'cda');
  const button = page.getByRole('button', { name: '接手 demo.cde 的客户与程序' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('已接手 demo.cde 的客户')).toBeVisible();
  await expect.poll(async () => (await call(page, 'GET', `/v1/dossiers/${dossier}`)).body.owner).toBe('demo.cda');
  await page.reload();
  await page.locator('#main').waitFor();
  await still(page);
  await expect(page.getByText('待接手')).toHaveCount(0);
  expect(wrong).toEqual([]);
  await page.context().close();
});
