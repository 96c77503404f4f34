import type { Page } from '@playwright/test';
import { as, code, context, expect, good, password, requests, signIn, still, test, url, watch } from './support';

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

test('own sessions are listed, and others are ended against the password', async ({ browser }) => {
  const other = await (await context(browser, {})).newPage();
  await signIn(other, 'cdu');
  const page = await (await context(browser, {})).newPage();
  await signIn(page, 'cdu');
  await page.goto('/me/security');
  await expect(page.getByText('本机')).toBeVisible();
  await page.getByRole('button', { name: '结束其他登录' }).click();
  const confirm = page.locator('.ant-modal').getByRole('button', { name: '结束其他登录' });
  await expect(confirm).toBeDisabled();
  await page.locator('#confirm-password').fill('not the password');
  await confirm.click();
  await expect(page.locator('.ant-modal [role=alert]')).toHaveText('密码不正确，请核对后再试');
  await page.locator('#confirm-password').fill(password());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '结束其他登录' })).toHaveCount(0);
  await other.goto('/dossiers');
  await expect(other).toHaveURL(/\/sign-in$/);
  await other.context().close();
  await page.context().close();
});

const own = '一只会写代码的橘猫住在杭州';

/** Somebody new, and the link by which they choose a password. */
async function invited(page: Page): Promise<{ name: string; link: string }> {
  await page.goto('/settings/people');
  await page.getByRole('button', { name: '添加人员' }).click();
  const name = `example.${Date.now()}`;
  await page.locator('#person-name').fill(name);
  await page.getByRole('button', { name: '添加并生成链接' }).click();
  return { name, link: await page.locator('.ant-modal input[readonly]:not([role])').inputValue() };
}

test('a second factor is set up with its first code, asked for from then on, and given up', async ({ browser }) => {
  const head = await as(browser, 'cdo');
  const { name, link } = await invited(head);
  await head.context().close();
  const page = await (await context(browser, {})).newPage();
  await page.goto(link);
  await page.locator('#set-up-password').fill(own);
  await page.getByRole('button', { name: '完成并登录' }).click();
  await page.locator('#main').waitFor();
  await page.goto('/me/security');
  const end = page.getByRole('button', { name: '停用动态验证码' });
  await expect(page.getByRole('button', { name: '设置动态验证码' })).toBeVisible();
  await expect(end).toHaveCount(0);
  await page.getByRole('button', { name: '设置动态验证码' }).click();
  await expect(page.locator('.ant-modal svg').first()).toBeVisible();
  const secret = (await page.locator('.ant-modal code').innerText()).replaceAll(' ', '');
  await page.locator('#totp-code').fill(code(secret));
  await page.getByRole('button', { name: '启用' }).click();
  await expect(end).toBeVisible();
  await expect(page.getByRole('button', { name: '换验证器' })).toBeVisible();
  await page.locator('.me').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.locator('#sign-in-name').fill(name);
  await page.locator('#sign-in-password').fill(own);
  await page.keyboard.press('Enter');
  await page.locator('#sign-in-code').waitFor();
  // The code of this half minute was taken already; that of the next one is taken early.
  await page.locator('#sign-in-code').fill(code(secret, 1));
  await page.keyboard.press('Enter');
  await page.locator('#main').waitFor();
  await page.goto('/me/security');
  await end.click();
  await page.locator('#confirm-password').fill(own);
  await page.locator('.ant-modal').getByRole('button', { name: '停用动态验证码' }).click();
  await expect(page.getByRole('button', { name: '设置动态验证码' })).toBeVisible();
  await expect(end).toHaveCount(0);
  await page.context().close();
});

test('a watermark that is taken away or hidden comes back, and the ledger is told once', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await page.goto('/quality');
  await still(page);
  const mark = page.locator('body > .watermark');
  await expect(mark).toHaveCount(1);
  const told = () => requests(page).filter((one) => one.endsWith('/session/watermark'));
  expect(told()).toHaveLength(0);
  for (const change of [
    (layer: Element) => layer.remove(),
    (layer: Element) => (layer as HTMLElement).style.setProperty('display', 'none'),
    (layer: Element) => layer.setAttribute('hidden', ''),
    (layer: Element) => document.querySelector('#root')?.append(layer),
  ]) {
    const before = await mark.elementHandle();
    await before?.evaluate(change);
    await expect
      .poll(async () => (await mark.count()) === 1 && !(await before?.evaluate((layer) => layer.isConnected)))
      .toBe(true);
    await expect(mark).toHaveCSS('background-size', '460px 210px');
  }
  expect(told()).toHaveLength(1);
  await page.goto('/security/ledger');
  await page.locator('.ant-select').first().click();
  await page.locator('.ant-select-item', { hasText: '访问日志' }).click();
  await expect(page.locator('tbody tr', { hasText: '水印曾被移除' }).first()).toContainText('demo.cda');
  good(page);
  await page.context().close();
});

test('before anybody chose a language the page speaks that of the browser, and so does the server', async ({
  browser,
}) => {
  for (const [locale, name, said] of [
    ['en-GB', 'Sign in', /not right|wrong/i],
    ['de-DE', '登录', /有误|不正确/],
  ] as const) {
    const page = await (await browser.newContext({ baseURL: url(), locale })).newPage();
    await page.goto('/sign-in');
    await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
    await page.locator('#sign-in-name').fill('nobody');
    await page.locator('#sign-in-password').fill('not the password');
    await page.keyboard.press('Enter');
    await expect(page.locator('[role=alert]')).toContainText(said);
    await page.context().close();
  }
});

test('a person is invited, sets a password once, and is shut out', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  const { name, link } = await invited(page);
  expect(link).toMatch(/\/set-up#.{20,}/);

  const fresh = await (await context(browser, {})).newPage();
  watch(fresh);
  await fresh.goto(link);
  await expect(fresh.getByRole('heading', { name: '设置你的密码' })).toBeVisible();
  expect(fresh.url()).not.toContain('#');
  await fresh.locator('#set-up-password').fill(own);
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
