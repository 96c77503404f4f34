import type { Page } from '@playwright/test';
import { context, expect, openFirst, password, requests, signIn, still, test, watch } from './support';

/** Somebody in a browser of their own, whose session may end. */
async function alone(browser: Parameters<typeof context>[0]): Promise<Page> {
  const page = await (await context(browser, {})).newPage();
  watch(page);
  await page.clock.install();
  await signIn(page, 'cda');
  return page;
}

const locked = (page: Page) => expect(page.getByRole('heading', { name: '已锁定' })).toBeVisible();

async function unlock(page: Page): Promise<void> {
  await page.locator('.locked input').fill(password());
  await page.keyboard.press('Enter');
  await expect(page.locator('.locked')).toHaveCount(0);
}

test('what was read is gone from the page once its session has ended, and asked for again', async ({ browser }) => {
  const page = await alone(browser);
  await openFirst(page);
  const name = await page.locator('.record-head h1').innerText();
  expect(await page.content()).toContain(name);
  await page.context().clearCookies();
  await page.locator('.side-tabs').getByRole('link', { name: '变更' }).click();
  await locked(page);
  expect(await page.content()).not.toContain(name);
  await unlock(page);
  await expect(page.locator('.record-head h1')).toHaveText(name);
  const asked = requests(page).filter((one) => /^GET \/v1\/dossiers\/dos_\w+(\?|$)/.test(one));
  expect(asked).toHaveLength(2);
  await page.context().close();
});

test('a page that nobody used is emptied, and so is what was searched for', async ({ browser }) => {
  const page = await alone(browser);
  await openFirst(page);
  const text = (await page.locator('.record-head h1').innerText()).trim();
  await page.goto('/search');
  await page.locator('form[role=search] input').fill(text.slice(0, 4));
  await page.keyboard.press('Enter');
  await page.locator('.hits', { hasText: text }).waitFor();
  await page.clock.fastForward('13:30');
  await expect(page.locator('.session-banner')).not.toContainText('保留');
  await page.clock.fastForward('15:01');
  await locked(page);
  expect(await page.content()).not.toContain(text);
  await unlock(page);
  await expect(page.locator('form[role=search] input')).toHaveValue('');
  await expect(page.locator('.hits')).toHaveCount(0);
  await page.context().close();
});

test('what somebody was typing is kept out of sight for a quarter of an hour, and no longer', async ({ browser }) => {
  const page = await alone(browser);
  for (const [later, kept] of [
    ['10:00', '示例锁定（杭州）有限公司'],
    ['15:01', ''],
  ] as const) {
    await page.goto('/dossiers/new');
    await page.locator('#new-name').fill('示例锁定（杭州）有限公司');
    await page.context().clearCookies();
    await page.getByRole('button', { name: '新建客户' }).last().click();
    await locked(page);
    await expect(page.locator('.locked')).toContainText('未保存的输入保留到');
    await expect(page.locator('#new-name')).toBeHidden();
    await page.clock.fastForward(later);
    await expect(page.locator('#new-name')).toHaveCount(kept ? 1 : 0);
    await unlock(page);
    await still(page);
    await expect(page.locator('#new-name')).toHaveValue(kept);
  }
  await page.context().close();
});

test('a window over the page is hidden with it, leaves the password box alone, and comes back', async ({ browser }) => {
  const page = await alone(browser);
  await openFirst(page);
  await page.getByRole('button', { name: '添加联系人' }).click();
  const typed = page.locator('.ant-modal #new-name');
  await typed.fill('示例锁定联系人');
  await page.clock.fastForward('13:30');
  await expect(page.locator('.session-banner')).toContainText('未保存的输入会保留');
  await page.clock.fastForward('15:01');
  await locked(page);
  await expect(typed).toBeHidden();
  await expect(page.locator('.ant-modal')).toBeHidden();
  const box = page.locator('.locked input');
  await expect(box).toBeFocused();
  // Typed as somebody does, key by key: a window that takes the focus would have it.
  await page.keyboard.type('x');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(box).toBeFocused();
  await expect(box).toHaveValue('x');
  await unlock(page);
  await expect(typed).toBeVisible();
  await expect(typed).toHaveValue('示例锁定联系人');
  await page.context().close();
});
