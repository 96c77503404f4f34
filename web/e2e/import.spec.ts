import { as, expect, good, still, test } from './support';

const stamp = String(Date.now() % 1_000_000).padStart(6, '0');
const csv = [
  '企业名称,客户类型,联系电话,城市,内部编号,成立日期',
  `示例导入${stamp}甲（杭州）有限公司,企业,15400000001,杭州,1,2019/4/3`,
  `示例导入${stamp}乙(宁波)有限公司,企业,154 0000 0002,宁波,2,2020年1月5日`,
  `示例导入${stamp}丙有限公司,企业,12,温州,3,2021-02-03`,
].join('\n');

test('a file goes from upload to the end, with a row mended on the way, and is taken back', async ({ browser }) => {
  test.setTimeout(90_000);
  const page = await as(browser, 'cda');
  await page.goto('/imports/new');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: `示例客户${stamp}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await expect(page.locator('.drop')).toContainText(`示例客户${stamp}.csv`);
  await page.getByRole('button', { name: '上传并检查' }).click();
  await expect(page.locator('.steps [aria-current=step]')).toContainText(/映射|预览/);
  await expect(page).toHaveURL(/\/imports\/imp_[0-9a-z]{26}/);

  if (await page.locator('.steps [aria-current=step]', { hasText: '映射' }).count()) {
    await page.getByRole('button', { name: '保存映射并预览' }).click();
  }
  await expect(page.getByText('2020-01-05')).toBeVisible();
  await expect(page.getByText(`示例导入${stamp}乙（宁波）有限公司`)).toBeVisible();
  await page.getByRole('button', { name: '导入 3 行' }).click();

  await expect(page.locator('.steps [aria-current=step]')).toContainText('修正', { timeout: 20_000 });
  const row = page.locator('.mend').first();
  await expect(row).toContainText('第 4 行');
  await expect(row.locator('.why')).toContainText('电话');
  await row.locator('.cells input').first().fill('15400000003');
  await row.getByRole('button', { name: '修改并导入' }).click();
  await expect(page.getByText('第 4 行已导入')).toBeVisible();
  await expect(page.locator('.steps [aria-current=step]')).toContainText('完成');
  await still(page);
  await expect(page.locator('.figures')).toContainText('3');

  await page.getByRole('button', { name: '撤销整个导入' }).click();
  await page.locator('.ant-modal').getByRole('button', { name: '撤销整个导入' }).click();
  await expect(page.locator('.page-head .tag')).toHaveText('已撤销', { timeout: 20_000 });
  good(page);
  await page.context().close();
});

test('what a name tells is proposed, seen, and taken for a whole class of rows at once', async ({ browser }) => {
  test.setTimeout(90_000);
  const page = await as(browser, 'cda');
  const rows = ['甲有限公司', '乙五金厂', '丙', '丁'].map((name) => `示例名推${stamp}${name},杭州`);
  const file = ['企业名称,城市', ...rows].join('\n');
  await page.goto('/imports/new');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: `示例名推${stamp}.csv`, mimeType: 'text/csv', buffer: Buffer.from(file) });
  await page.getByRole('button', { name: '上传并检查' }).click();
  await expect(page.getByText('由名称推得').first()).toBeVisible();
  await page.getByRole('button', { name: '改映射' }).click();
  // Without a yes nothing is taken from names.
  await page.getByRole('checkbox', { name: /由名称结尾推得/ }).uncheck();
  await page.getByRole('button', { name: '保存映射并预览' }).click();
  await expect(page.getByRole('cell', { name: /客户主体/ })).toHaveCount(4);
  await page.getByRole('button', { name: '导入 4 行' }).click();

  await expect(page.locator('.steps [aria-current=step]')).toContainText('修正', { timeout: 20_000 });
  await page.getByRole('button', { name: '采用由名称推得的值 2 行' }).click();
  await expect(page.getByText('已导入 2 行', { exact: true })).toBeVisible();
  const same = page.getByRole('region', { name: /· 2 行/ });
  await same.getByRole('combobox').click();
  await page.locator('.ant-select-item-option', { hasText: '个人' }).click();
  await same.getByRole('button', { name: '填入 2 行' }).click();
  await expect(page.locator('.steps [aria-current=step]')).toContainText('完成');
  await still(page);
  await page.getByRole('button', { name: '撤销整个导入' }).click();
  await page.locator('.ant-modal').getByRole('button', { name: '撤销整个导入' }).click();
  await expect(page.locator('.page-head .tag')).toHaveText('已撤销', { timeout: 20_000 });
  good(page);
  await page.context().close();
});

test('the tab is closed while it runs and nothing is lost; 38 rows are mended in the wizard, by keyboard', async ({
  browser,
}) => {
  test.setTimeout(120_000);
  let page = await as(browser, 'cda');
  const row = (n: number, telephone: string) => `示例关页${stamp}第${n}有限公司,企业,${telephone}`;
  const good38 = Array.from({ length: 400 }, (_, n) => row(n, `154${String(n).padStart(8, '0')}`));
  const bad38 = Array.from({ length: 38 }, (_, n) => row(400 + n, '12'));
  const file = ['企业名称,客户类型,联系电话', ...good38, ...bad38].join('\n');
  await page.goto('/imports/new');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: `示例关页${stamp}.csv`, mimeType: 'text/csv', buffer: Buffer.from(file) });
  await page.getByRole('button', { name: '上传并检查' }).click();
  const started = page.waitForRequest(/\/start$/);
  await page.getByRole('button', { name: '导入 438 行' }).click();
  const address = page.url();
  await started;
  await page.context().close();

  page = await as(browser, 'cda');
  await page.goto(address.replace(/\/[a-z]+$/, ''));
  await expect(page.locator('.steps [aria-current=step]')).toContainText('修正', { timeout: 30_000 });
  const same = page.getByRole('region', { name: /· 38 行/ });
  await same.getByRole('textbox').focus();
  await page.keyboard.type('15400009999');
  await page.keyboard.press('Tab');
  await expect(same.getByRole('button', { name: '替换 38 行' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.steps [aria-current=step]')).toContainText('完成', { timeout: 20_000 });
  await still(page);
  await expect(page.locator('.figures')).toContainText('438');
  await page.getByRole('button', { name: '撤销整个导入' }).click();
  await page.locator('.ant-modal').getByRole('button', { name: '撤销整个导入' }).click();
  await expect(page.locator('.page-head .tag')).toHaveText('已撤销', { timeout: 30_000 });
  good(page);
  await page.context().close();
});
