// A fresh installation: from the link that is printed to the card on the desk, whose steps turn done as they are done.
import AxeBuilder from '@axe-core/playwright';
import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { binary, serve } from './server';
import { as, code, context, expect, phone, requests, still, test, type Looks } from './support';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'dossier-first-'));
const environment = { DOSSIER__KEYS__KEYSTORE: join(folder, 'keystore'), LANG: 'en_US.UTF-8' };
const here = ['--data', join(folder, 'data')];
const dossier = (...rest: string[]) => run(binary, [...here, ...rest], { env: { ...process.env, ...environment } });

let program: ChildProcess;
let base = '';
let link = '';

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  const served = await serve(here, [], environment);
  ({ program, url: base } = served);
  // Where the server has no terminal to write to, the link is asked for.
  const { stdout } = await dossier('user', 'set-up');
  link = base + (/\/set-up#\S+/.exec(stdout)?.[0] ?? '');
});
test.afterAll(async () => {
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

const name = '示例主管';
const password = 'plum harbour seven';
let state: Awaited<ReturnType<Awaited<ReturnType<typeof context>>['storageState']>>;
const steps = (page: Page) => page.locator('.run > li');
const done = async (page: Page) => (await steps(page).evaluateAll((all) => all.map((one) => one.className))).join();

test('the link that was printed leads to the desk with the first steps', async ({ browser }) => {
  const made = await context(browser, {});
  const page = await made.newPage();
  await page.goto(link);
  await page.locator('#set-up-name').fill(name);
  await page.locator('#set-up-password').fill(password);
  await page.getByRole('button', { name: '完成并登录' }).click();
  const secret = await page.locator('form .meta code').innerText();
  await page.locator('#totp-code').fill(code(secret.replace(/\s/g, '')));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '首次配置' }).waitFor();
  await expect(page).toHaveURL(`${base}/`);
  await expect(page.getByText('还有 3 步')).toBeVisible();
  expect(await done(page)).toBe('done,,,');
  await expect(page.getByRole('heading', { name: '待办' })).toHaveCount(0);
  state = await made.storageState();
  await made.close();
});

async function desk(browser: Parameters<typeof context>[0], looks: Looks = {}): Promise<Page> {
  const page = await (await context(browser, looks, state)).newPage();
  await page.goto(`${base}/`);
  await page.locator('.run').waitFor();
  await still(page);
  return page;
}

for (const language of ['zh', 'en'] as const)
  for (const size of [undefined, phone])
    test(`the card is for everybody to use: ${language}, ${size ? 'phone' : 'desk'}`, async ({ browser }) => {
      const page = await desk(browser, { language, ...(size ? { size } : {}) });
      const found = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}`))).toEqual(
        [],
      );
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size?.width ?? 1440);
      if (process.env.DOSSIER_LOOK)
        await page.screenshot({
          path: `${process.env.DOSSIER_LOOK}/run-${language}-${size ? 390 : 1440}.png`,
          fullPage: true,
        });
      await page.context().close();
    });

test('steps turn done as they are done, wherever that happens', async ({ browser }) => {
  const page = await desk(browser);
  await run('python3', [join(import.meta.dirname, 'paper.py'), binary, ...here, 'key', 'recovery', 'print'], {
    env: { ...process.env, ...environment },
  });
  await page.getByRole('button', { name: '重新检查' }).click();
  await expect(page.getByText('还有 2 步')).toBeVisible();
  expect(await done(page)).toBe('done,done,,');
  await expect(steps(page).nth(1)).toContainText('打印并核对');

  await steps(page).getByRole('link', { name: '添加团队' }).click();
  await page.locator('form input').fill('华东');
  await page.getByRole('button', { name: '添加团队' }).click();
  await expect(page.getByText('华东')).toBeVisible();
  await page.goto(`${base}/`);
  expect(await steps(page).getByRole('link', { name: '添加团队' }).count()).toBe(0);
  await steps(page).getByRole('link', { name: '添加人员' }).click();
  await page.getByRole('button', { name: '添加人员' }).click();
  await page.locator('#person-name').fill('示例员工');
  await page.getByRole('button', { name: '添加并生成链接' }).click();
  await page.locator('.ant-modal input[readonly]:not([role])').waitFor();
  await page.goto(`${base}/`);
  await expect(page.getByText('还有 1 步')).toBeVisible();

  const file = join(folder, 'customers.csv');
  await dossier('demo', 'generate', '--customers', '3', '--out', file);
  await dossier('import', file);
  await page.goto(`${base}/`);
  await expect(page.getByText('已全部完成')).toBeVisible();
  expect(await done(page)).toBe('done,done,done,done');
  if (process.env.DOSSIER_LOOK) await page.screenshot({ path: `${process.env.DOSSIER_LOOK}/run-done.png` });
  await page.getByRole('button', { name: '收起' }).click();
  await expect(page.locator('.run')).toHaveCount(0);
  await page.getByRole('heading', { name: '待办' }).waitFor();
  await page.locator('.nav .item', { hasText: '密钥' }).click();
  await expect(page.getByText(/已于 \d{4}-\d\d-\d\d 打印并核对/)).toBeVisible();
  await page.locator('.nav .item', { hasText: '工作台' }).click();
  await page.getByRole('heading', { name: '待办' }).waitFor();
  await expect(page.locator('.run')).toHaveCount(0);
  // Kept for the next visit; each page of these tests begins with settings of its own.
  expect(await page.evaluate(() => localStorage.getItem('dossier.settings'))).toContain('"away":true');
  await page.context().close();
});

test('the demo has no first steps, and nobody else is asked for them', async ({ browser }) => {
  for (const role of ['cdo', 'cda', 'isa'] as const) {
    const page = await as(browser, role);
    await page.goto('/');
    await still(page);
    await expect(page.locator('.run')).toHaveCount(0);
    expect(requests(page).filter((one) => one.includes('/set-up'))).toEqual([]);
    await page.context().close();
  }
});
