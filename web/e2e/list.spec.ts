// The list as people work with it: all that match, columns of one's own, the board, and the way back.
import type { Page } from '@playwright/test';
import { as, expect, good, openFirst, phone, requests, still, test } from './support';

const lists = (page: Page) => requests(page).filter((one) => one.startsWith('GET /v1/dossiers?'));
const card = (page: Page, stage: number, n = 0) => page.locator(`[data-stage="${stage}"] .board-card > a`).nth(n);

const stage = (page: Page, name: string) => page.locator('.stages').getByRole('button', { name });

/** All of a stage, selected. */
async function selectAll(page: Page, stage: number) {
  await page.goto(`/dossiers?stage=%5B${stage}%5D`);
  await page.locator('tbody tr').first().waitFor();
  await page.getByLabel('选择本页全部').check();
  await page.getByRole('button', { name: '选择全部符合条件的' }).click();
  await expect(page.locator('.bulk')).toContainText('即全部符合条件的');
}

async function choose(page: Page, what: string, value: string) {
  await page.getByRole('button', { name: what }).click();
  await page.locator('.ant-modal .ant-select').click();
  await page.locator('.ant-select-item', { hasText: value }).click();
}

test('all that match are read page after page, changed, stopped and taken back', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await as(browser, 'cda');
  await page.goto('/dossiers?stage=%5B0%5D');
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.locator('.bulk')).toBeVisible();
  await expect(page.getByRole('button', { name: '选择全部符合条件的' }), 'a part of the page').toHaveCount(0);
  const before = lists(page).length;
  await page.getByLabel('选择本页全部').check();
  await page.getByRole('button', { name: '选择全部符合条件的' }).click();
  await expect(page.locator('.bulk')).toContainText('即全部符合条件的');
  const asked = lists(page).slice(before);
  expect(asked.length).toBeGreaterThan(1);
  for (const one of asked) expect(one).toMatch(/fields=subject(&|$)/);
  const all = Number(/已选 (\d+) 条/.exec(await page.locator('.bulk').innerText())?.[1]);
  expect(all).toBeGreaterThan(100);

  await choose(page, '改阶段', '线索');
  await expect(page.locator('.plan')).toContainText(`已是此值，跳过${all}`);
  await expect(page.locator('.ant-modal').getByRole('button', { name: '修改 0 条' })).toBeDisabled();
  await page.locator('.ant-modal .ant-select').click();
  await page.locator('.ant-select-item', { hasText: '商机' }).click();
  await expect(page.locator('.plan')).toContainText(`将修改${all}`);
  await expect(page.locator('.ant-modal')).toContainText('修改期间请不要关闭此页');
  await page.getByRole('button', { name: `修改 ${all} 条` }).click();
  await expect(page.locator('.task [role=status]')).toContainText(/[3-9] \//);
  await page.locator('.task').getByRole('button', { name: '停止' }).click();
  await expect(page.locator('.task [role=status]')).toContainText(/完成 \d+ 项，未成功 0 项，\d+ 项未做/);
  await page.locator('.task').getByRole('button', { name: '撤销' }).click();
  await expect(page.locator('.task [role=status]')).toContainText(/已撤销 \d+ 项，未成功 0 项$/);
  await page.reload();
  await selectAll(page, 0);
  await expect(page.locator('.bulk')).toContainText(`已选 ${all} 条`);
  good(page);
  await page.context().close();
});

test('reading all that match can be stopped, and what was found is selected', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await page.route('**/v1/dossiers?*after=*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await route.continue();
  });
  await page.getByLabel('选择本页全部').check();
  await page.getByRole('button', { name: '选择全部符合条件的' }).click();
  await expect(page.locator('.bulk')).toContainText('已找到 100 条');
  await page.locator('.bulk').getByRole('button', { name: '停止' }).click();
  await expect(page.locator('.bulk')).toContainText('已选 200 条，已停止读取');
  const before = lists(page).length;
  await page.waitForTimeout(1000);
  expect(lists(page)).toHaveLength(before);
  await page.locator('tbody tr').first().getByRole('checkbox').uncheck();
  await expect(page.locator('.bulk')).toContainText('已选 199 条');
  await expect(page.locator('.bulk')).not.toContainText('已停止读取');
  await page.context().close();
});

test('a page that still changes records asks before it is closed', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await selectAll(page, 3);
  await page.route('**/v1/dossiers/dos_*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  await choose(page, '改阶段', '售后');
  await page
    .locator('.ant-modal')
    .getByRole('button', { name: /^修改 \d+ 条$/ })
    .click();
  await expect(page.locator('.task [role=status]')).toContainText(/1 \//);
  const asked = page.waitForEvent('dialog');
  void page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await page.locator('.task').getByRole('button', { name: '停止' }).click();
  await page.locator('.task').getByRole('button', { name: '撤销' }).click();
  await expect(page.locator('.task [role=status]')).toContainText('已撤销');
  await page.context().close();
});

test('columns of one’s own: chosen and ordered by keyboard, in the address by their names, kept in a view', async ({
  browser,
}) => {
  const page = await as(browser, 'cde');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await page.getByRole('combobox', { name: '列组' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  const picker = page.getByRole('dialog', { name: '自选列' });
  await expect(picker).toBeVisible();
  await expect(picker, 'what is hidden from the reader is absent').not.toContainText('银行');
  await expect(picker.getByRole('listitem', { name: /^电话/ })).toContainText('脱敏字段不可筛选');
  const first = picker.getByRole('listitem').first();
  await expect(first).toBeFocused();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(picker.getByRole('listitem').nth(1)).toHaveAccessibleName('行业，第 2 列，共 3 列');
  await expect(picker.getByRole('listitem').nth(1)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Delete');
  await expect(picker.getByRole('listitem')).toHaveCount(2);
  await picker.getByRole('button', { name: '添加省份' }).press('Enter');
  await picker.getByRole('button', { name: '应用' }).press('Enter');
  const heads = () => page.locator('thead th').allInnerTexts();
  await expect.poll(heads).toEqual(expect.arrayContaining(['电话', '行业', '省份']));
  expect((await heads()).join(' ')).toContain('电话 行业 省份');
  expect(decodeURIComponent(page.url())).toContain('cols=["phone","industry","province"]');
  expect(lists(page).at(-1)).toContain('fields=name&fields=phone&fields=industry&fields=province');

  const name = `自选 ${Date.now() % 10_000}`;
  await page.getByRole('button', { name: '保存视图' }).click();
  const box = page.locator('#view-name');
  await box.fill(name);
  await box.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true });
  await box.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true });
  await page.waitForTimeout(300);
  expect(requests(page).filter((one) => one.startsWith('POST /v1/views'))).toEqual([]);
  await box.press('Enter');
  await expect(page.getByRole('heading', { name })).toBeVisible();

  await page.locator('.tools .ant-select').click();
  await page.locator('.ant-select-item', { hasText: '自选列' }).click();
  await picker.getByRole('button', { name: '恢复默认' }).click();
  await expect.poll(heads).toEqual(expect.arrayContaining(['行业', '电话', '城市']));
  expect(page.url()).not.toContain('cols=');
  await expect(page.locator('.view-name .dot')).toHaveCount(1);
  await page.getByRole('button', { name: '还原' }).click();
  await expect.poll(heads).toEqual(expect.arrayContaining(['电话', '行业', '省份']));
  good(page);
  await page.context().close();
});

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

test('back to the table finds it scrolled as it was', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers?stage=%5B1%5D');
  await page.locator('tbody tr').first().waitFor();
  const box = page.locator('.table-wrap');
  await box.hover();
  await page.mouse.wheel(0, 700);
  await expect.poll(() => box.evaluate((one) => one.scrollTop)).toBe(700);
  const row = page.locator('tbody tr').nth(25);
  await row.locator('a').click();
  await page.locator('.record-head').waitFor();
  await page.goBack();
  await expect(row).toBeFocused();
  await expect(page).toHaveURL(/stage=/);
  expect(await box.evaluate((one) => one.scrollTop)).toBe(700);
  await page.context().close();
});

test('back from a page to the one before finds its row, and nothing selected', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  for (const key of ['j', 'j', 'j']) await page.keyboard.press(key);
  const code = await page.locator('tbody tr').nth(2).locator('.code').innerText();
  await page.getByRole('button', { name: '下一页' }).click();
  await expect(page.locator('tbody tr').nth(2).locator('.code')).not.toHaveText(code);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.locator('.bulk')).toBeVisible();
  await page.goBack();
  await expect(page.locator('tbody tr').nth(2).locator('.code')).toHaveText(code);
  await expect(page.locator('tbody tr').nth(2)).toBeFocused();
  await expect(page.locator('.bulk')).toHaveCount(0);
  await page.context().close();
});

test('a contact has a history, and a value of it is restored', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const contact = page.locator('.contact').first();
  const title = contact.locator('.field-row', { has: page.locator('.label', { hasText: /^职务$/ }) });
  const before = await title.locator('.value').innerText();
  await title.locator('.value').click();
  await title.locator('input').fill('示例经理');
  await page.keyboard.press('Enter');
  await expect(title.locator('.value')).toHaveText('示例经理');
  await contact.getByRole('button', { name: '变更' }).click();
  const past = page.locator('.ant-drawer');
  await expect(past).toContainText('修改了联系人');
  await expect(past.locator('.diff').first()).toContainText('示例经理');
  const versions = await past.locator('.timeline > li').count();
  await past.getByRole('button', { name: '还原此值' }).first().click();
  await expect(past.locator('.timeline > li')).toHaveCount(versions + 1);
  await page.keyboard.press('Escape');
  await expect(title.locator('.value')).toHaveText(before);
  good(page);
  await page.context().close();
});

test('the history goes on beyond its first page', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await as(browser, 'cda');
  await openFirst(page);
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const versions = await page.evaluate(async (id) => {
    const { csrf } = (await (await fetch('/v1/session')).json()) as { csrf: string };
    let version = ((await (await fetch(`/v1/dossiers/${id}`)).json()) as { version: number }).version;
    while (version < 60) {
      const answer = await fetch(`/v1/dossiers/${id}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, 'If-Match': `"${version}"` },
        body: JSON.stringify({ fields: { remarks: `第 ${version} 版之后` } }),
      });
      version = ((await answer.json()) as { version: number }).version;
    }
    return version;
  }, id);
  await page.goto(`/dossiers/${id}/history`);
  await page.locator('.timeline > li').first().waitFor();
  const shown = await page.locator('.timeline > li').count();
  expect(shown).toBeLessThan(versions);
  await page.getByRole('button', { name: '更早的变更' }).click();
  await expect(page.locator('.timeline > li')).toHaveCount(versions);
  await expect(page.locator('.timeline > li').last()).toContainText('录入了档案');
  await expect(page.getByRole('button', { name: '更早的变更' })).toHaveCount(0);
  expect(requests(page).filter((one) => one.includes('/history?'))).toHaveLength(2);
  good(page);
  await page.context().close();
});
