// Every fetch is an entry of the ledger: nothing is asked for that nobody asked for, and nothing of a customer gets where
// it does not belong.
import { readFileSync } from 'node:fs';
import { as, expect, good, openFirst, requests, still, test, url } from './support';

test('pointing, focusing, coming back to the window and waiting ask for nothing', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await still(page);
  const before = requests(page).length;
  for (const n of [0, 1, 2, 3]) await page.locator('tbody a').nth(n).hover();
  await page.locator('.nav .item').nth(1).hover();
  for (const key of ['j', 'j', 'k', 'x', 'x', 'Tab', 'Tab']) await page.keyboard.press(key);
  await page.evaluate(() => {
    window.dispatchEvent(new Event('blur'));
    window.dispatchEvent(new Event('focus'));
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('online'));
  });
  await page.mouse.wheel(0, 4000);
  await page.waitForTimeout(1500);
  expect(requests(page).slice(before)).toEqual([]);
  await page.context().close();
});

test('a record is asked for once, and not again when its parts are opened', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  for (const part of ['变更', '谁看过', '联系人']) {
    await page.locator('.side-tabs').getByText(part).click();
    await still(page);
  }
  const records = requests(page).filter((one) => /GET \/v1\/dossiers\/dos_[0-9a-z]+(\?|$)/.test(one));
  expect(records).toHaveLength(1);
  await page.context().close();
});

test('back to the list asks for nothing while it is fresh', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const before = requests(page).filter((one) => one.includes('/v1/dossiers?')).length;
  await page.goBack();
  await page.locator('tbody tr').first().waitFor();
  expect(requests(page).filter((one) => one.includes('/v1/dossiers?'))).toHaveLength(before);
  await page.context().close();
});

test('no name and no number of a customer in address, title, storage, or attributes of the head', async ({
  browser,
}) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const name = await page.locator('.record-head h1').innerText();
  const kept = await page.evaluate(() =>
    JSON.stringify([
      location.href,
      document.title,
      { ...localStorage },
      { ...sessionStorage },
      history.state,
      document.head.innerHTML.length > 0,
    ]),
  );
  expect(kept).not.toContain(name);
  expect(kept).not.toContain('154');
  for (const one of requests(page)) expect(decodeURIComponent(one)).not.toContain(name);
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  good(page);
  await page.context().close();
});

test('hidden fields are absent and masked ones masked, in the answers themselves', async ({ browser }) => {
  const page = await as(browser, 'cde');
  const answers: string[] = [];
  page.on('response', async (response) => {
    if (response.url().includes('/v1/dossiers')) answers.push(await response.text().catch(() => ''));
  });
  await openFirst(page);
  await expect.poll(() => answers.length).toBeGreaterThan(1);
  for (const one of answers) {
    expect(one).not.toContain('credit_limit');
    expect(one).not.toContain('bank_card');
    expect(one).not.toMatch(/"phone":"\+?\d+"/);
  }
  await expect(page.locator('.record-main')).not.toContainText('授信额度');
  await page.context().close();
});

test('a record outside the rows of the reader looks like one that is not there', async ({ browser }) => {
  const head = await as(browser, 'cdo');
  await head.goto('/dossiers');
  await head.locator('tbody tr').first().waitFor();
  const far = head.locator('tbody tr', { hasText: '华南' }).first().locator('a');
  const path = (await far.getAttribute('href')) ?? '';
  const page = await as(browser, 'cde');
  await page.goto(path);
  await expect(page.getByRole('heading', { name: '没有找到' })).toBeVisible();
  const there = await page.locator('#main').innerText();
  await page.goto('/dossiers/dos_01ktzmay00e1hs6v0rhdvhtc0m');
  await expect(page.getByRole('heading', { name: '没有找到' })).toBeVisible();
  expect(await page.locator('#main').innerText()).toBe(there);
  for (const one of [head, page]) await one.context().close();
});

test('the watermark comes back when it is taken away, and lies over dialogs', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/');
  await page.locator('.watermark').waitFor({ state: 'attached' });
  await page.evaluate(() => document.querySelector('.watermark')?.remove());
  await expect(page.locator('.watermark')).toHaveCount(1);
  await page.keyboard.press('?');
  await page.locator('.ant-modal').waitFor();
  const over = await page.evaluate(() => {
    const z = (selector: string) => Number(getComputedStyle(document.querySelector(selector) as Element).zIndex);
    return z('.watermark') > z('.ant-modal-wrap');
  });
  expect(over).toBe(true);
  await page.context().close();
});

test('composing 拼音 never sends: Enter ends the composition', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/');
  await page.locator('#main').waitFor();
  await page.keyboard.press('Control+k');
  const box = page.locator('.palette input.ask');
  await box.fill('shili');
  const before = requests(page).length;
  await box.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true });
  await page.waitForTimeout(300);
  expect(requests(page).length).toBe(before);
  await page.context().close();
});

test('without keys or ledger the page is closed and says which', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.route('**/v1/session', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:dossier:problem:log_unavailable',
        title: '暂不可用',
        status: 503,
        detail: '台账暂时无法写入，因此暂停访问，恢复后自动继续',
        code: '1001004008',
        request_id: 'example',
      }),
    }),
  );
  await page.goto('/dossiers');
  await expect(page.getByRole('heading', { name: '系统已停止访问' })).toBeVisible();
  await expect(page.getByText('台账暂时无法写入')).toBeVisible();
  await expect(page.locator('table')).toHaveCount(0);
  await page.context().close();
});

test('the kept interface is the one of the program', async ({ request }) => {
  const served: unknown = await (await request.get(`${url()}/openapi.json`)).json();
  const kept: unknown = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  expect(served, 'renew web/openapi.json and run `npm run types`').toEqual(kept);
});
