// Why somebody sees a field, from its name on a record; a role's mask, chosen and seen.
import AxeBuilder from '@axe-core/playwright';
import { as, expect, good, openFirst, phone, requests, test } from './support';

const axe = async (page: Parameters<typeof openFirst>[0]) =>
  expect(
    (await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()).violations,
  ).toEqual([]);

test('the name of a field tells by the keyboard why it is seen, and who sees it', async ({ browser }) => {
  // One that the CDU sees too.
  const theirs = await as(browser, 'cdu');
  await openFirst(theirs);
  const page = await as(browser, 'cdo');
  await page.goto(theirs.url());
  await page.locator('.record-head').waitFor();
  await theirs.context().close();
  const asked = () => requests(page).filter((one) => one.includes('/v1/explain')).length;
  const name = page.locator('.record-main .field-row', { hasText: '电话' }).first().locator('.label');
  await name.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '权限解释' })).toBeFocused();
  // Nothing is asked before somebody wants to know: each time is an entry.
  expect(asked()).toBe(0);
  await page.keyboard.press('Enter');
  const drawer = page.locator('.ant-drawer');
  await expect(drawer.locator('.explain-verdict')).toContainText('脱敏可见，填写用途后可查看明文');
  await expect(drawer.locator('li.decides b')).toHaveText('明文至 L2');
  expect(asked()).toBe(1);
  await axe(page);
  await drawer.getByRole('button', { name: '谁能看到此字段' }).click();
  await drawer.getByRole('button', { name: 'demo.cdu' }).click();
  await expect(drawer.locator('.explain-verdict')).toContainText('demo.cdu');
  await expect(drawer.locator('.explain-ways')).toContainText('角色 CDU');
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await expect(name).toBeFocused();
  good(page);
});

test('on a phone and in English it fits, and somebody without rights over others asks about themselves alone', async ({
  browser,
}) => {
  const page = await as(browser, 'cdu', { language: 'en' });
  await openFirst(page);
  await page.setViewportSize(phone);
  await page.locator('.field-row .label', { hasText: 'phone' }).first().click();
  await page.getByRole('button', { name: 'Explain' }).click();
  const drawer = page.locator('.ant-drawer');
  await expect(drawer.locator('.explain-verdict')).toContainText('may open it with a purpose');
  await expect(drawer.getByRole('button', { name: 'Who sees this field' })).toHaveCount(0);
  await expect(drawer.locator('.explain-changes')).not.toContainText('rol_');
  await axe(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide).toBe(false);
  good(page);
});

test('a mask of its own is chosen for a role, and what it comes to is explained', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  const name = `客服 ${Date.now()}`;
  await page.goto('/settings/roles/new?from=CDU');
  await page.locator('#role-name').fill(name);
  const row = page.locator('tr', { hasText: 'phone' }).first();
  await expect(row).toContainText('154****0001');
  await row.getByLabel('电话的掩码').selectOption({ label: '保留后4' });
  await expect(row).toContainText('*******0001');
  await page.locator('.table-foot .ant-btn-primary').click();
  await page.locator('.ant-modal').waitFor();
  await page.locator('.ant-modal-footer .ant-btn-primary').click();
  await expect(page).toHaveURL(/\/settings\/roles\/rol_\w{26}$/);
  await page.reload();
  await expect(row.getByLabel('电话的掩码')).toHaveValue(/"last":4/);
  await axe(page);
  await openFirst(page);
  await page.locator('.record-main .field-row', { hasText: '电话' }).first().locator('.label').click();
  await page.getByRole('button', { name: '权限解释' }).click();
  const drawer = page.locator('.ant-drawer');
  await drawer.getByRole('combobox', { name: '看谁' }).click();
  await drawer.getByRole('combobox', { name: '看谁' }).fill(name);
  await page.locator('.ant-select-item-option:visible', { hasText: name }).first().click();
  await expect(drawer).toContainText('经角色的掩码：保留部分字符');
  good(page);
});
