import type { Page } from '@playwright/test';
import { as, expect, good, openFirst, requests, still, test } from './support';

const row = (page: Page, field: string) =>
  page.locator('.record-main .field-row', { has: page.locator('.label', { hasText: new RegExp(`^${field}$`) }) });

test('the list by keyboard alone: move, select, peek, open, and back to the same row', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const third = page.locator('tbody tr').nth(2);
  await expect(third).toBeFocused();
  await page.keyboard.press('x');
  await expect(page.getByText('已选 1 条')).toBeVisible();
  await page.keyboard.press('x');
  await page.keyboard.press(' ');
  await expect(page.locator('.ant-drawer')).toContainText('联系方式');
  await page.keyboard.press('Escape');
  await expect(page.locator('.ant-drawer-open')).toHaveCount(0);
  const code = await third.locator('.code').innerText();
  await third.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.record-head .code')).toHaveText(code);
  await expect(page).toHaveTitle(code.slice(0, 15));
  await page.goBack();
  await expect(page.locator('tbody tr').nth(2)).toBeFocused();
  good(page);
  await page.context().close();
});

test('Space and Enter work what has the focus, and not the list behind it', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await page.getByRole('button', { name: '筛选' }).focus();
  await page.keyboard.press(' ');
  await expect(page.getByText('脱敏字段不可筛选').first()).toBeVisible();
  await expect(page.locator('.ant-drawer')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '下一页' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/after=/);
  await page.context().close();
});

test('filters stand in the address as codes; a view keeps them and tells when it is changed', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('f');
  await expect(page.getByText('脱敏字段不可筛选').first()).toBeVisible();
  await page.getByRole('button', { name: '阶段' }).click();
  await page.getByLabel('签约').check();
  await expect(page).toHaveURL(/stage=/);
  await page.keyboard.press('Escape');
  await expect(page.locator('tbody .stage').first()).toHaveText('签约');
  for (const stage of await page.locator('tbody .stage').allInnerTexts()) expect(stage).toBe('签约');
  const name = `签约客户 ${Date.now() % 10_000}`;
  await page.getByRole('button', { name: '保存视图' }).click();
  await page.locator('#view-name').fill(name);
  await page.locator('.ant-modal').getByRole('button', { name: '保存视图' }).click();
  await expect(page.getByRole('heading', { name })).toBeVisible();
  await expect(page.locator('.view-name .dot')).toHaveCount(0);
  await page.getByRole('button', { name: '去掉筛选：阶段' }).click();
  await expect(page.locator('.view-name .dot')).toHaveCount(1);
  await page.getByRole('button', { name: '还原' }).click();
  await expect(page.locator('.view-name .dot')).toHaveCount(0);
  good(page);
  await page.context().close();
});

test('a field is edited in place, saved by leaving, and taken back', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const city = row(page, '城市');
  const before = await city.locator('.value').innerText();
  await city.locator('.value').click();
  await city.locator('input').fill('示例市');
  await city.locator('input').blur();
  await expect(city.locator('.value')).toHaveText('示例市');
  await expect(page.getByText('已保存')).toBeVisible();
  await page.locator('.toast button').click();
  await expect(city.locator('.value')).toHaveText(before);
  await page.locator('.side-tabs').getByText('变更').click();
  await expect(page.locator('.timeline')).toContainText('示例市');
  good(page);
  await page.context().close();
});

test('composing 拼音 into a field: Enter ends the composition and saves nothing', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const name = row(page, '名称');
  await name.locator('.value').click();
  await name.locator('input').fill('shili');
  const before = requests(page).length;
  for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
    await name.locator('input').dispatchEvent('keydown', { key: 'Enter', bubbles: true, ...how });
    await name.locator('input').dispatchEvent('keydown', { key: 'Escape', bubbles: true, ...how });
  }
  await page.waitForTimeout(300);
  expect(requests(page)).toHaveLength(before);
  await expect(name.locator('input')).toHaveValue('shili');
  await name.locator('input').press('Escape');
  await expect(name.locator('.value')).toBeVisible();
  expect(requests(page)).toHaveLength(before);
  await page.context().close();
});

test('what is wrong stands beside the field, and what was typed stays', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const mail = row(page, '电子邮箱');
  await mail.getByRole('button', { name: '更换电子邮箱' }).click();
  await expect(mail.locator('input')).toHaveValue('');
  await mail.locator('input').fill('not-a-mail');
  await page.keyboard.press('Enter');
  await expect(mail.locator('[role=alert]')).toContainText('电子邮箱');
  await expect(mail.locator('input')).toHaveValue('not-a-mail');
  await mail.locator('input').press('Escape');
  await expect(mail.locator('.masked')).toBeVisible();
  await page.context().close();
});

test('a mask that is sent back is refused', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const phone = row(page, '电话');
  const mask = await phone.locator('.masked > span').first().innerText();
  await phone.getByRole('button', { name: '更换电话' }).click();
  await phone.locator('input').fill(mask);
  await page.keyboard.press('Enter');
  await expect(phone.locator('[role=alert]')).toContainText('脱敏');
  await page.context().close();
});

test('where somebody was faster both values are shown', async ({ browser }) => {
  const [one, two] = [await as(browser, 'cda'), await as(browser, 'cdo')];
  await openFirst(one);
  await two.goto(new URL(one.url()).pathname);
  await still(two);
  const type = async (page: Page, text: string) => {
    await row(page, '城市').locator('.value').click();
    await row(page, '城市').locator('input').fill(text);
    await page.keyboard.press('Enter');
  };
  await type(two, '甲市');
  await expect(row(two, '城市').locator('.value')).toHaveText('甲市');
  await type(one, '乙市');
  const conflict = one.getByRole('alertdialog', { name: '他人刚改过' });
  await expect(conflict).toContainText('甲市');
  await expect(conflict).toContainText('乙市');
  await one.getByRole('button', { name: '用我的' }).click();
  await expect(row(one, '城市').locator('.value')).toHaveText('乙市');
  for (const page of [one, two]) await page.context().close();
});

test('a bulk change runs as a task and is taken back', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/dossiers?stage=%5B1%5D');
  await page.locator('tbody tr').first().waitFor();
  const codes: string[] = [];
  for (const n of [0, 1, 2]) {
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    codes.push((await page.locator('tbody tr').nth(n).locator('.code').innerText()).slice(0, 15));
  }
  await page.getByRole('button', { name: '改阶段' }).click();
  await page.locator('.ant-modal .ant-select').click();
  await page.locator('.ant-select-item', { hasText: '签约' }).click();
  await expect(page.locator('.plan')).toContainText('将修改3');
  await page.getByRole('button', { name: '修改 3 条' }).click();
  await expect(page.locator('.task [role=status]')).toContainText(/完成 \d 项/);
  const done = await page.locator('.task [role=status]').innerText();
  await page.locator('.task').getByRole('button', { name: '撤销' }).click();
  await expect(page.locator('.task [role=status]')).toContainText('已撤销');
  expect(done).toMatch(/完成 3 项|未成功/);
  await expect(page.locator('tbody')).toContainText(codes[0] ?? '');
  await page.context().close();
});

test('a customer is entered, found by a part of the name, and given a contact', async ({ browser }) => {
  const page = await as(browser, 'cde');
  const name = `示例云帆${Date.now() % 100_000}（杭州）有限公司`;
  await page.goto('/dossiers/new');
  await page.locator('#new-name').fill(name);
  await page.locator('#new-phone').fill('+8615400000001');
  await page.getByRole('button', { name: '新建客户' }).last().click();
  await expect(page.locator('.record-head h1')).toHaveText(name);
  await page.getByRole('button', { name: '添加联系人' }).click();
  await page.locator('.ant-modal #new-name').fill('韩示例');
  await page.locator('.ant-modal #new-title').fill('采购经理');
  await page.locator('.ant-modal').getByRole('button', { name: '添加联系人' }).click();
  await expect(page.locator('.contact')).toContainText('采购经理');
  await expect(page.locator('.contact summary')).not.toContainText('韩示例');

  await page.keyboard.press('/');
  await expect(page).toHaveURL(/\/search$/);
  const before = requests(page).length;
  await page.locator('.search-form input').fill(name.slice(2, 9));
  expect(requests(page).length, 'typing asks for nothing').toBe(before);
  await expect
    .poll(async () => {
      await page.locator('.search-form input').press('Enter');
      await still(page);
      return page.locator('.hits').allInnerTexts();
    })
    .toEqual(expect.arrayContaining([expect.stringContaining(name)]));
  expect(page.url()).not.toContain(encodeURIComponent('云帆'));
  await page.context().close();
});
