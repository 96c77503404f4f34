// The list as people work with it: all that match, columns of one's own, and the way back.
import type { Page } from '@playwright/test';
import { as, expect, good, requests, test } from './support';

const lists = (page: Page) => requests(page).filter((one) => one.startsWith('GET /v1/dossiers?'));

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
  const count = async () => Number(/已选 (\d+) 条/.exec(await page.locator('.bulk').innerText())?.[1]);
  const all = await count();
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
  // The made-up customers may still be coming in; none of those that were changed is missing.
  expect(await count()).toBeGreaterThanOrEqual(all);
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
