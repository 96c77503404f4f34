// The board: each column a list that is asked for once, cards moved by keys, menu and drag, and the way back.
import type { Page } from '@playwright/test';
import { as, expect, good, phone, requests, still, test } from './support';

const lists = (page: Page) => requests(page).filter((one) => one.startsWith('GET /v1/dossiers?'));
const card = (page: Page, stage: number, n = 0) => page.locator(`[data-stage="${stage}"] .board-card > a`).nth(n);
const stage = (page: Page, name: string) => page.locator('.stages').getByRole('button', { name });

test('the board asks for what it shows, and no more when it is only looked at', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  const before = lists(page).length;
  await page.getByRole('button', { name: '看板' }).click();
  await card(page, 1).waitFor();
  await still(page);
  const asked = lists(page).slice(before);
  expect(asked.map((one) => /stage=(\d)/.exec(one)?.[1]).sort()).toEqual(['0', '1', '2', '3', '4', '5']);
  for (const one of asked) expect(one).toContain('fields=name&');
  await card(page, 1, 3).hover();
  await page.mouse.wheel(0, 5000);
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'j', 'k']) await page.keyboard.press(key);
  await page.waitForTimeout(500);
  expect(lists(page)).toHaveLength(before + 6);
  await page.locator('[data-stage="1"]').getByRole('button', { name: '再看一些' }).click();
  await expect(page.locator('[data-stage="1"] .board-card')).toHaveCount(50);
  expect(lists(page)).toHaveLength(before + 7);
  good(page);
  await page.context().close();
});

test('the board by keyboard alone: move, set the stage, take it back, open, and back to the same card', async ({
  browser,
}) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers?show=board');
  await card(page, 0).waitFor();
  await still(page);
  await page.keyboard.press('ArrowDown');
  await expect(card(page, 0)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(card(page, 0, 1)).toBeFocused();
  const code = await card(page, 0, 1).locator('.code').innerText();
  const before = lists(page).length;
  await page.keyboard.press('s');
  await expect(stage(page, '商机')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('.stages')).toBeHidden();
  await expect(card(page, 0, 1)).toBeFocused();
  await page.keyboard.press('s');
  await expect(stage(page, '商机')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(stage(page, '终止')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(card(page, 1).locator('.code')).toHaveText(code);
  await expect(card(page, 1)).toBeFocused();
  await page.locator('.toast button').click();
  await expect(card(page, 0).locator('.code')).toHaveText(code);
  await expect(card(page, 0)).toBeFocused();
  expect(lists(page), 'nothing is asked for anew').toHaveLength(before);

  for (let n = 0; n < 9; n += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(card(page, 1, 9)).toBeFocused();
  const there = page.locator('[data-stage="1"] ul');
  const scrolled = await there.evaluate((list) => list.scrollTop);
  expect(scrolled).toBeGreaterThan(0);
  await page.keyboard.press('Enter');
  await page.locator('.record-head').waitFor();
  await page.goBack();
  await expect(card(page, 1, 9)).toBeFocused();
  expect(await there.evaluate((list) => list.scrollTop)).toBe(scrolled);
  expect(lists(page)).toHaveLength(before);
  await card(page, 1, 9).press('Enter');
  await page.locator('.record-head').getByRole('button', { name: '客户档案' }).click();
  await expect(card(page, 1, 9)).toBeFocused();
  await expect(page).toHaveURL(/show=board/);
  good(page);
  await page.context().close();
});

test('what was changed on a record stands in the list and on the board, and is changed on from there', async ({
  browser,
}) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers?stage=%5B4%5D');
  const row = page.locator('tbody tr').first();
  await row.waitFor();
  const code = (await row.locator('.code').innerText()).slice(0, 15);
  await page.getByRole('button', { name: '看板' }).click();
  await card(page, 4).waitFor();
  await card(page, 4).click();
  await page.locator('.record-head').waitFor();
  const before = lists(page).length;
  const town = page.locator('.record-main .field-row', { has: page.locator('.label', { hasText: /^城市$/ }) });
  await town.locator('.value').click();
  await town.locator('input').fill('示例市');
  await page.keyboard.press('Enter');
  await expect(town.locator('.value')).toHaveText('示例市');
  await page.goBack();
  await expect(card(page, 4)).toBeFocused();
  await page.keyboard.press('s');
  await stage(page, '终止').press('Enter');
  await expect(page.getByText('已移到终止')).toBeVisible();
  await expect(card(page, 4).locator('.code')).not.toHaveText(code);
  await page.goBack();
  await expect(row).toContainText('示例市');
  await expect(row.locator('.stage')).toHaveText('终止');
  await page.locator('.toast button').last().click();
  await expect(row.locator('.stage')).toHaveText('售后');
  expect(lists(page), 'nothing is asked for anew').toHaveLength(before);
  good(page);
  await page.context().close();
});

test('a card is dragged to another stage, a refusal leaves it where it was', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers?show=board');
  await card(page, 1).waitFor();
  await still(page);
  const code = await card(page, 1).locator('.code').innerText();
  await card(page, 1).dragTo(page.locator('[data-stage="0"]'));
  await expect(card(page, 0).locator('.code')).toHaveText(code);
  await page.locator('.toast button').click();
  await expect(card(page, 1).locator('.code')).toHaveText(code);
  await page.route('**/v1/dossiers/dos_*', (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:dossier:problem:example',
        title: '示例',
        status: 422,
        detail: '证件号码：须填',
      }),
    }),
  );
  await card(page, 1).dragTo(page.locator('[data-stage="2"]'));
  await expect(page.getByText('证件号码：须填')).toBeVisible();
  await expect(card(page, 1).locator('.code')).toHaveText(code);
  await page.context().close();
});

test('a view keeps the board; filters by stage leave their columns', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers?show=board&stage=%5B1,2%5D');
  await card(page, 1).waitFor();
  await expect(page.locator('.board > section')).toHaveCount(2);
  const name = `看板 ${Date.now() % 10_000}`;
  await page.getByRole('button', { name: '保存视图' }).click();
  await page.locator('#view-name').fill(name);
  await page.locator('#view-name').press('Enter');
  await expect(page.getByRole('heading', { name })).toBeVisible();
  await page.getByRole('button', { name: '表格' }).click();
  await page.locator('tbody tr').first().waitFor();
  await expect(page.locator('.view-name .dot')).toHaveCount(1);
  await page.getByRole('button', { name: '还原' }).click();
  await expect(page.locator('.board > section')).toHaveCount(2);
  await page.context().close();
});

test('who may change nothing moves no card', async ({ browser }) => {
  const page = await as(browser, 'cdu');
  await page.goto('/dossiers?show=board');
  await page.locator('.board-card').first().waitFor();
  await expect(page.locator('.board-card button')).toHaveCount(0);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('s');
  await expect(page.locator('.stages')).toHaveCount(0);
  await page.context().close();
});

test('on a phone the board is one column at a time, and asks for that alone', async ({ browser }) => {
  const page = await as(browser, 'cda', { size: phone });
  await page.goto('/dossiers?show=board');
  await card(page, 0).waitFor();
  await still(page);
  expect(lists(page).map((one) => /stage=(\d)/.exec(one)?.[1])).toEqual(['0']);
  await page.locator('.board-switch').getByRole('button', { name: '签约' }).tap();
  await card(page, 2).waitFor();
  await expect(page.locator('.board > section')).toHaveCount(1);
  await card(page, 2, 4).tap();
  await page.locator('.record-head').waitFor();
  await page.goBack();
  await expect(card(page, 2, 4)).toBeFocused();
  expect(lists(page)).toHaveLength(2);
  good(page);
  await page.context().close();
});
