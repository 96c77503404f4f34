import type { Page } from '@playwright/test';
import { as, expect, good, openFirst, requests, test, url } from './support';

const phone = (page: Page) =>
  page.locator('.record-main .field-row', { has: page.locator('.label', { hasText: /^电话$/ }) });

async function open(page: Page): Promise<string> {
  await phone(page).locator('.look').click();
  await page.locator('.ant-modal').getByRole('button', { name: '查看' }).click();
  return phone(page).locator('.clear-value').innerText();
}

test('before it is asked for, nothing of the value is on the page', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await openFirst(page);
  const value = await open(page);
  expect(value).toMatch(/^154\d{8}$/);
  await page.keyboard.press('Escape');
  await expect(phone(page).locator('.clear-value')).toHaveCount(0);
  expect(await page.content()).not.toContain(value);
  expect(
    await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.title, location.href]),
    ),
  ).not.toContain(value);
  good(page);
  await page.context().close();
});

test('what is announced before is what the ledger says after', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  await phone(page).locator('.look').click();
  await page.getByText('核对资料').click();
  const sentence = await page.locator('.will-say').innerText();
  const code = (await page.locator('.record-head .code').innerText()).slice(0, 15);
  for (const part of ['demo.cda', '查看明文', '电话', '核对资料', code]) expect(sentence).toContain(part);
  await page.locator('.ant-modal').getByRole('button', { name: '查看' }).click();
  await phone(page).locator('.clear-value').waitFor();
  await page.locator('.side-tabs').getByText('谁看过').click();
  const first = page.locator('.timeline li.strong').first();
  await expect(first).toContainText('demo.cda');
  await expect(first).toContainText('查看明文');
  await expect(first).toContainText('电话');
  await page.goto('/security/ledger');
  await page.locator('.ant-select').first().click();
  await page.locator('.ant-select-item', { hasText: '访问日志' }).click();
  const entry = page.locator('tbody tr', { hasText: '查看明文' }).first();
  await expect(entry).toContainText('demo.cda');
  await expect(entry).toContainText('核对资料');
  await page.context().close();
});

test('leaving the tab, the page or the record masks it at once', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await openFirst(page);
  const value = await open(page);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect(phone(page).locator('.clear-value')).toHaveCount(0);
  await page.evaluate(() => Reflect.deleteProperty(document, 'hidden'));
  await open(page);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await expect(phone(page).locator('.clear-value')).toHaveCount(0);
  await open(page);
  await page.getByRole('button', { name: '客户档案' }).click();
  await page.locator('tbody tr').first().waitFor();
  expect(await page.content()).not.toContain(value);
  await page.context().close();
});

test('copying copies the mask', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await openFirst(page);
  const value = await open(page);
  const copied = await page.evaluate(() => {
    let text = '';
    document.addEventListener('copy', (event) => (text = event.clipboardData?.getData('text/plain') ?? ''), {
      once: true,
    });
    document.getSelection()?.selectAllChildren(document.body);
    const data = new DataTransfer();
    const event = new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true });
    document.dispatchEvent(event);
    return data.getData('text/plain') || text;
  });
  expect(copied).toContain(`${value.slice(0, 3)}****${value.slice(-4)}`);
  expect(copied).not.toContain(value);
  await page.context().close();
});

test('taking a value along is asked for apart, and is an entry of its own', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url() });
  await openFirst(page);
  const value = await open(page);
  const copy = page.getByRole('button', { name: '复制', exact: true });
  await copy.hover();
  await expect(page.getByRole('tooltip')).toContainText('剪贴板可能保留');
  await copy.click();
  await expect(page.locator('.toast')).toContainText('已复制并记入台账');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(value);
  expect(requests(page).filter((one) => one.endsWith('/reveal'))).toHaveLength(2);
  // The page's own windows are no reason to miss the watermark.
  expect(requests(page).filter((one) => one.endsWith('/watermark'))).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(phone(page).locator('.clear-value')).toHaveCount(0);
  await page.locator('.side-tabs').getByText('谁看过').click();
  await expect(page.locator('.timeline li.strong').first()).toContainText('复制明文');
  good(page);
  await page.context().close();
});

test('a copy that is refused says why and leaves the clipboard as it was', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url() });
  await openFirst(page);
  await open(page);
  await page.evaluate(() => navigator.clipboard.writeText('before'));
  await page.route('**/reveal', (route) =>
    route.fulfill({
      status: 429,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'urn:dossier:problem:quota_reveal', status: 429, detail: '查看明文已达上限' }),
    }),
  );
  await page.getByRole('button', { name: '复制', exact: true }).click();
  await expect(phone(page).locator('[role=alert]')).toContainText('已达上限');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('before');
  await page.context().close();
});

test('who only uses customers may look and take nothing along', async ({ browser }) => {
  const page = await as(browser, 'cdu');
  await openFirst(page);
  await open(page);
  await expect(page.getByRole('button', { name: '复制', exact: true })).toHaveCount(0);
  await page.context().close();
});

test('a minute is a minute, and keeping it open is offered before its end', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await page.clock.install();
  await openFirst(page);
  await open(page);
  await page.clock.runFor(38_000);
  await expect(page.getByRole('button', { name: '续看' })).toHaveCount(0);
  await page.clock.runFor(3_000);
  await expect(page.getByRole('button', { name: '续看' })).toBeVisible();
  await page.getByRole('button', { name: '续看' }).click();
  await expect(page.getByRole('button', { name: '续看' })).toHaveCount(0);
  await expect(phone(page).locator('.clock')).toHaveText(/^(60|59|58) s$/);
  expect(requests(page).filter((one) => one.endsWith('/reveal'))).toHaveLength(2);
  await page.clock.runFor(61_000);
  await expect(phone(page).locator('.clear-value')).toHaveCount(0);
  await page.context().close();
});

test('a refusal says why, and shows nothing', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await page.route('**/reveal', (route) =>
    route.fulfill({
      status: 429,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:dossier:problem:quota_reveal',
        title: '请求过多',
        status: 429,
        detail: '查看明文已达上限（每小时 20 次），请稍后再试，或请 CDA 放宽',
        code: '1001002021',
        request_id: 'example',
      }),
    }),
  );
  await openFirst(page);
  await phone(page).locator('.look').click();
  await page.locator('.ant-modal').getByRole('button', { name: '查看' }).click();
  await expect(page.locator('.ant-modal [role=alert]')).toContainText('已达上限');
  await expect(phone(page).locator('.clear-value')).toHaveCount(0);
  await page.context().close();
});

test('the page prints as nothing', async ({ browser }) => {
  const page = await as(browser, 'cde');
  await openFirst(page);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.record-head')).toBeHidden();
  await expect(page.locator('.print-only')).toBeVisible();
  await page.context().close();
});
