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
