import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { as, expect, good, still, test } from './support';

async function open(page: Page): Promise<void> {
  await page.goto('/security/ledger');
  await page.locator('tbody tr').first().waitFor();
  await still(page);
}
const verify = (page: Page) => page.getByRole('button', { name: '在本机验证' }).click();

test('a real ledger is found good, and again after it grew', async ({ browser }) => {
  test.setTimeout(90_000);
  const page = await as(browser, 'isa');
  await open(page);
  await verify(page);
  await expect(page.locator('.verdict.good')).toContainText('100 条均已验证', { timeout: 30_000 });
  await expect(page.locator('.verdict.good')).toContainText('第一次验证');
  await verify(page);
  await expect(page.locator('.verdict.good')).toContainText('只增未改', { timeout: 30_000 });
  await expect(page.locator('tbody .anticon-check-circle')).toHaveCount(100);
  good(page);
  await page.context().close();
});

test('a flipped byte is red, with the number of the entry', async ({ browser }) => {
  const page = await as(browser, 'isa');
  await open(page);
  const id = (await page.locator('tbody tr').nth(2).locator('code').innerText()).trim();
  await page.route(`**/v1/ledger/proof/${id}`, async (route) => {
    const answer = await route.fetch();
    const proof = (await answer.json()) as { leaf: string };
    const at = proof.leaf.length - 6;
    proof.leaf = proof.leaf.slice(0, at) + (proof.leaf[at] === 'A' ? 'B' : 'A') + proof.leaf.slice(at + 1);
    await route.fulfill({ response: answer, json: proof });
  });
  await verify(page);
  await expect(page.locator('.verdict.bad')).toContainText(`首个不一致：${id}`);
  await expect(page.locator('tr.wrong')).toContainText(id);
  await page.context().close();
});

test('a page that shows something else than the ledger is red', async ({ browser }) => {
  const page = await as(browser, 'isa');
  await page.route('**/v1/ledger?*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { items: { outcome: string }[] };
    const last = body.items.at(-1);
    if (last) last.outcome = last.outcome === 'done' ? 'refused' : 'done';
    await route.fulfill({ response: answer, json: body });
  });
  await open(page);
  await verify(page);
  await expect(page.locator('.verdict.bad')).toContainText('与台账原文不符');
  await page.context().close();
});

test('a ledger that lost its end is red', async ({ browser }) => {
  test.setTimeout(90_000);
  const page = await as(browser, 'isa');
  await open(page);
  const origin = await page.evaluate(async () => {
    const text = await (await fetch('/v1/ledger/checkpoint?log=change')).text();
    const [name, size] = text.split('\n');
    localStorage.setItem(
      `dossier.checkpoint.${name}`,
      JSON.stringify({ size: Number(size) + 100_000, root: 'A'.repeat(43) + '=' }),
    );
    return name;
  });
  expect(origin).toMatch(/\/change$/);
  await verify(page);
  await expect(page.locator('.verdict.bad')).toContainText('比本浏览器上次见到的短', { timeout: 30_000 });
  await page.context().close();
});

test('an entry opens beside the list with its facts, by its own address', async ({ browser }) => {
  const page = await as(browser, 'isa');
  await open(page);
  const id = (await page.locator('tbody tr').first().locator('code').innerText()).trim();
  await page.locator('tbody tr').first().click();
  await expect(page).toHaveURL(new RegExp(`/security/ledger/${id}$`));
  await expect(page.locator('.ant-drawer')).toContainText('同一人前后 30 分钟');
  await page.getByRole('button', { name: '验证此条' }).click();
  await expect(page.locator('.ant-drawer .verdict.good')).toBeVisible();
  await page.context().close();
});

const choose = async (page: Page, filter: string, option: string): Promise<void> => {
  await page.getByRole('combobox', { name: filter, exact: true }).click();
  await page
    .locator('.ant-select-dropdown:visible .ant-select-item-option')
    .filter({ hasText: option })
    .first()
    .click();
  await still(page);
};

test('filters are over all entries, and stand in the address as ids', async ({ browser }) => {
  const page = await as(browser, 'isa');
  await open(page);
  await choose(page, '动作', '添加程序');
  await expect(page).toHaveURL(/action=client_add/);
  const rows = page.locator('tbody tr');
  for (const row of await rows.all()) await expect(row).toContainText('添加程序');
  await choose(page, '时间', '今天');
  await expect(page).toHaveURL(/days=1/);
  await page.reload();
  await still(page);
  await expect(page.locator('.tools')).toContainText('今天');
  await page.getByRole('button', { name: '清除筛选' }).click();
  await still(page);
  await expect(page).not.toHaveURL(/action|days/);
  await expect(rows).toHaveCount(100);

  const code = await page.evaluate(async () => {
    const answer = await fetch('/v1/dossiers?limit=1');
    return ((await answer.json()) as { items: { code: string }[] }).items[0]?.code ?? '';
  });
  await page.getByRole('textbox', { name: '客户编码或记录编号' }).fill('电话 15400000001');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('请输入客户编码');
  await expect(page).not.toHaveURL(/record/);
  await page.getByRole('textbox', { name: '客户编码或记录编号' }).fill(code.toLowerCase());
  await page.keyboard.press('Enter');
  await still(page);
  await expect(page).toHaveURL(new RegExp(`record=${code}`));
  await expect(rows).not.toHaveCount(0);
  await choose(page, '动作', '更新密钥');
  await expect(page.getByRole('heading', { name: '没有符合条件的' })).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: '清除筛选' }).last().click();
  await still(page);
  await expect(rows).toHaveCount(100);
  good(page);
  await page.context().close();
});

test('a search that stopped says where, and goes on from there', async ({ browser }) => {
  const page = await as(browser, 'isa');
  await page.route('**/v1/ledger?*outcome=refused*', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as object;
    if (route.request().url().includes('before=')) return route.fulfill({ response: answer, json: body });
    const stopped = { items: [], before: 5000, reached: { id: 'c-5000', at: '2026-10-01T04:00:00Z' } };
    return route.fulfill({ response: answer, json: { ...body, ...stopped } });
  });
  await open(page);
  await choose(page, '结果', '已拒绝');
  await expect(page.getByRole('heading', { name: '到此为止没有符合的条目' })).toBeVisible();
  await expect(page.locator('.state')).toContainText('已查到 2026-10-01 12:00:00（c-5000）');
  const asked = page.waitForRequest((request) => request.url().includes('before=5000'));
  await page.getByRole('button', { name: '继续往前查' }).click();
  await asked;
  await still(page);
  // An answer may still be on its way through the route.
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  good(page);
  await page.context().close();
});

test('what is shown is handed on as one file, and that is recorded', async ({ browser }) => {
  const page = await as(browser, 'isa');
  await open(page);
  await page.getByRole('button', { name: '导出证据包' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出', exact: true }).click();
  const file = await saved;
  const ids = await page.locator('tbody tr td:first-child code').allInnerTexts();
  expect(file.suggestedFilename()).toBe(`${ids.at(-1)}_${ids[0]}.evidence.json`);
  const pack = JSON.parse(await readFile(await file.path(), 'utf8')) as { entries: { index: number }[]; key: string };
  expect(pack.entries.map((one) => `c-${one.index}`).reverse()).toEqual(ids);
  await page.goto('/security/ledger?log=access/1&action=export');
  await still(page);
  await expect(page.locator('tbody tr')).not.toHaveCount(0);
  good(page);
  await page.context().close();
});

test('an entry that is not on the page opens by its address, with what its person did around it', async ({
  browser,
}) => {
  const page = await as(browser, 'isa');
  await page.goto('/security/ledger/c-0');
  await still(page);
  const side = page.locator('.ant-drawer');
  await expect(side).toContainText('c-0');
  const asked = page.waitForRequest((request) => /\/v1\/ledger\?.*who=.*since=.*until=/.test(request.url()));
  await side.getByRole('button', { name: '查看', exact: true }).click();
  await asked;
  await expect(side.locator('.about button[aria-current="true"]')).toContainText('c-0');
  good(page);
  await page.context().close();
});
