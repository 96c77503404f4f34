import { as, context, expect, good, password, requests, signIn, still, test, watch } from './support';

test('one message whatever was wrong, and the way in', async ({ browser }) => {
  const page = await (await context(browser, {})).newPage();
  watch(page);
  await page.goto('/dossiers');
  await expect(page).toHaveURL(/\/sign-in$/);
  const texts: string[] = [];
  for (const name of ['demo.cde', 'nobody']) {
    await page.locator('#sign-in-name').fill(name);
    await page.locator('#sign-in-password').fill('not the password');
    await page.keyboard.press('Enter');
    await page.locator('[role=alert]').waitFor();
    texts.push(await page.locator('[role=alert]').innerText());
  }
  expect(texts[0]).toBe(texts[1]);
  await signIn(page, 'cde');
  await expect(page).toHaveURL(/\/$/);
  await page.locator('.me').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto('/dossiers');
  await expect(page).toHaveURL(/\/sign-in$/);
  good(page);
  await page.context().close();
});

test('the cookie is out of reach of the page', async ({ browser }) => {
  const page = await as(browser, 'cdu');
  await page.goto('/');
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const cookie = (await page.context().cookies()).find((one) => one.name === '__Host-dossier');
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
  await page.context().close();
});

test('what a role may not do is not there', async ({ browser }) => {
  const page = await as(browser, 'cdu');
  await page.goto('/dossiers');
  await still(page);
  for (const name of ['导入', '台账', '人员', '密钥'])
    await expect(page.locator('.nav .item', { hasText: name })).toHaveCount(0);
  await expect(page.getByRole('button', { name: '新建客户' })).toHaveCount(0);
  await expect(page.locator('tbody input[type=checkbox]')).toHaveCount(0);
  await page.context().close();
});

test('a session that ended locks the page and keeps what was on it', async ({ browser }) => {
  const page = await (await context(browser, {})).newPage();
  await signIn(page, 'cda');
  await page.goto('/dossiers/new');
  await page.locator('#new-name').fill('示例锁定（杭州）有限公司');
  await page.context().clearCookies();
  await page.getByRole('button', { name: '新建客户' }).last().click();
  await expect(page.getByRole('heading', { name: '已锁定' })).toBeVisible();
  await expect(page.locator('#new-name')).toBeHidden();
  await page.locator('.locked input').fill(password());
  await page.keyboard.press('Enter');
  await expect(page.locator('#new-name')).toHaveValue('示例锁定（杭州）有限公司');
  await page.context().close();
});

test('own sessions are listed, and others are ended', async ({ browser }) => {
  const other = await (await context(browser, {})).newPage();
  await signIn(other, 'cdu');
  const page = await (await context(browser, {})).newPage();
  await signIn(page, 'cdu');
  await page.goto('/me/security');
  await expect(page.getByText('本机')).toBeVisible();
  await page.getByRole('button', { name: '结束其他登录' }).click();
  await expect(page.getByRole('button', { name: '结束其他登录' })).toHaveCount(0);
  await other.goto('/dossiers');
  await expect(other).toHaveURL(/\/sign-in$/);
  await other.context().close();
  await page.context().close();
});

test('a second factor is asked for once it is set up', async ({ browser }) => {
  const page = await (await context(browser, {})).newPage();
  await signIn(page, 'isa');
  await page.goto('/me/security');
  await page.getByRole('button', { name: '设置动态验证码' }).click();
  await expect(page.locator('.ant-modal svg').first()).toBeVisible();
  await expect(page.locator('#totp-code')).toBeVisible();
  expect(requests(page)).toEqual([]);
  await page.context().close();
});

test('a person is invited, sets a password once, and is shut out', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/settings/people');
  await page.getByRole('button', { name: '添加人员' }).click();
  const name = `example.${Date.now()}`;
  await page.locator('#person-name').fill(name);
  await page.getByRole('button', { name: '添加并生成链接' }).click();
  const link = await page.locator('.ant-modal input[readonly]:not([role])').inputValue();
  expect(link).toMatch(/\/set-up#.{20,}/);

  const fresh = await (await context(browser, {})).newPage();
  watch(fresh);
  await fresh.goto(link);
  await expect(fresh.getByRole('heading', { name: '设置你的密码' })).toBeVisible();
  expect(fresh.url()).not.toContain('#');
  await fresh.locator('#set-up-password').fill('一只会写代码的橘猫住在杭州');
  await fresh.getByRole('button', { name: '完成并登录' }).click();
  await fresh.locator('#main').waitFor();
  good(fresh);

  const again = await (await context(browser, {})).newPage();
  await again.goto(link);
  await expect(again.getByRole('heading', { name: '链接不可用' })).toBeVisible();

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `${name} 的操作` }).click();
  await page.getByRole('button', { name: '停用', exact: true }).click();
  await expect(page.getByText(`${name} 已停用并下线`)).toBeVisible();
  await fresh.goto('/dossiers');
  await expect(fresh).toHaveURL(/\/sign-in$/);
  for (const one of [page, fresh, again]) await one.context().close();
});
