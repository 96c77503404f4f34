// Passkeys, with an authenticator that Chromium makes up: from the first one to none. The page stands under the name that the
// server knows it by, which for this machine alone is `localhost`.
import AxeBuilder from '@axe-core/playwright';
import { execFile, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import { binary, serve } from './server';
import { context, expect, phone, still, test, type Looks } from './support';

const folder = mkdtempSync(join(tmpdir(), 'dossier-passkeys-'));
const here = ['--data', join(folder, 'data')];
const environment = { DOSSIER__KEYS__KEYSTORE: join(folder, 'keystore'), LANG: 'en_US.UTF-8' };
const dossier = (...rest: string[]) =>
  promisify(execFile)(binary, [...here, ...rest], { env: { ...process.env, ...environment } });
let program: ChildProcess;
let base = '';
let password = '';

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  const served = await serve(here, ['--demo'], environment);
  program = served.program;
  base = served.url.replace('127.0.0.1', 'localhost');
  password = /^password: (\S+)$/m.exec(served.said)?.[1] ?? '';
});
test.afterAll(async () => {
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

/** A page with an authenticator that knows its person. */
async function page(browser: Browser, looks: Looks = {}) {
  const made = await (await context(browser, looks)).newPage();
  const devtools = await made.context().newCDPSession(made);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const knows = (isUserVerified: boolean) =>
    devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  return { page: made, knows };
}

async function signIn(page: Page, name: string, at = base): Promise<void> {
  await page.goto(`${at}/sign-in`);
  await page.locator('#sign-in-name').waitFor();
  await expect(page.getByRole('button', { name: /passkey|通行密钥/ })).toHaveCount(
    at === base && (await able(page)) ? 1 : 0,
  );
  await page.locator('#sign-in-name').fill(name);
  await page.locator('#sign-in-password').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('#main').waitFor();
}

const able = (page: Page) => page.evaluate(() => 'PublicKeyCredential' in window);

async function axe(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa', 'best-practice']).analyze();
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}`));
}

const look = async (page: Page, name: string) => {
  if (process.env.DOSSIER_LOOK)
    await page.screenshot({ path: `${process.env.DOSSIER_LOOK}/passkeys-${name}.png`, fullPage: true });
};

const words = {
  zh: {
    add: '添加通行密钥',
    go: '继续',
    enter: '用通行密钥登录',
    out: '退出登录',
    rename: '重命名',
    save: '保存',
    remove: '删除',
    removed: '通行密钥已删除',
    none: '还没有通行密钥',
    failed: '名称、口令、验证码或通行密钥不正确，请核对后再试',
    alone: '你设有通行密钥，请用通行密钥登录',
  },
  en: {
    add: 'Add a passkey',
    go: 'Go on',
    enter: 'Sign in with a passkey',
    out: 'Sign out',
    rename: 'Rename',
    save: 'Save',
    remove: 'Remove',
    removed: 'Passkey removed',
    none: 'No passkeys yet',
    failed: 'name, password, code or passkey is wrong; check them and try again',
    alone: 'you have a passkey; sign in with it',
  },
} as const;

for (const [language, size, who] of [
  ['zh', undefined, 'demo.cde'],
  ['en', phone, 'demo.cdu'],
  ['zh', phone, 'demo.isa'],
  ['en', undefined, 'demo.cda'],
] as const)
  test(`added, used without a name, removed and refused: ${language}, ${size ? 'phone' : 'desk'}`, async ({
    browser,
  }) => {
    const said = words[language];
    const of = `${language}-${size ? 390 : 1440}`;
    const { page: own } = await page(browser, { language, ...(size ? { size } : {}) });
    await signIn(own, who);
    await own.goto(`${base}/me/security`);
    await expect(own.getByText(said.none)).toBeVisible();
    await still(own);
    await look(own, `none-${of}`);
    expect(await axe(own)).toEqual([]);

    await own.getByRole('button', { name: said.add }).click();
    await own.locator('#passkey-name').fill('示例电脑');
    await own.waitForTimeout(350);
    await look(own, `add-${of}`);
    expect(await axe(own)).toEqual([]);
    await own.getByRole('button', { name: said.go }).click();
    const row = own.locator('li.passkey');
    await expect(row).toContainText('示例电脑');
    await expect(own.locator('.ant-modal')).toHaveCount(0);
    await row.getByRole('button', { name: said.rename }).click();
    await own.locator('#passkey-name').fill('示例电脑二');
    await own.getByRole('button', { name: said.save }).click();
    await expect(row).toContainText('示例电脑二');
    await expect(own.locator('.ant-modal')).toHaveCount(0);
    await look(own, `list-${of}`);
    expect(await own.evaluate(() => document.documentElement.scrollWidth)).toBe(size?.width ?? 1440);

    const leave = async () => {
      if (size) await own.goto(`${base}/me`);
      else await own.locator('.me').click();
      await own.getByRole('button', { name: said.out }).click();
      await own.locator('#sign-in-name').waitFor();
    };
    await leave();
    await look(own, `sign-in-${of}`);
    expect(await axe(own)).toEqual([]);
    await own.getByRole('button', { name: said.enter }).click();
    await own.locator('#main').waitFor();

    // The password alone is no way in any more.
    await leave();
    await own.locator('#sign-in-name').fill(who);
    await own.locator('#sign-in-password').fill(password);
    await own.keyboard.press('Enter');
    await expect(own.getByRole('alert')).toHaveText(said.alone);
    // After the name, and under that of somebody else.
    await own.locator('#sign-in-name').fill('demo.cdo');
    await own.getByRole('button', { name: said.enter }).click();
    await expect(own.getByRole('alert')).toHaveText(said.failed);
    await own.locator('#sign-in-name').fill(who);
    await own.getByRole('button', { name: said.enter }).click();
    await own.locator('#main').waitFor();

    await own.goto(`${base}/me/security`);
    await row.getByRole('button', { name: said.remove }).click();
    await own.waitForTimeout(350);
    await look(own, `remove-${of}`);
    await own.locator('.ant-modal').getByRole('button', { name: said.remove }).click();
    await expect(own.getByText(said.none)).toBeVisible();
    await leave();
    await own.getByRole('button', { name: said.enter }).click();
    await expect(own.getByRole('alert')).toHaveText(said.failed);
    await look(own, `refused-${of}`);
    await own.context().close();
  });

test('somebody whom the device does not know gets no answer from it', async ({ browser }) => {
  const { page: own, knows } = await page(browser);
  await signIn(own, 'demo.cde');
  await own.goto(`${base}/me/security`);
  await knows(false);
  await own.getByRole('button', { name: '添加通行密钥' }).click();
  await own.locator('#passkey-name').fill('示例电脑');
  await own.getByRole('button', { name: '继续' }).click();
  await expect(own.locator('.ant-modal [role=alert]')).toHaveText('没有收到设备的答复：可能已取消或超时，请重试');
  await own.context().close();
});

test('a browser without passkeys, and another address, are told', async ({ browser }) => {
  const made = await context(browser, {});
  const without = await made.newPage();
  await without.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'));
  await signIn(without, 'demo.cde');
  await without.goto(`${base}/me/security`);
  await expect(without.getByText('此浏览器不支持通行密钥')).toBeVisible();
  await expect(without.getByRole('button', { name: '添加通行密钥' })).toHaveCount(0);
  await expect(without.getByRole('button', { name: '设置动态验证码' })).toBeVisible();
  await look(without, 'unsupported');
  await made.close();
  const elsewhere = await (await context(browser, { language: 'en' })).newPage();
  await signIn(elsewhere, 'demo.cde', base.replace('localhost', '127.0.0.1'));
  await elsewhere.goto(`${base.replace('localhost', '127.0.0.1')}/me/security`);
  await expect(elsewhere.getByRole('link', { name: base })).toBeVisible();
  await expect(elsewhere.getByRole('button', { name: 'Add a passkey' })).toHaveCount(0);
  expect(await axe(elsewhere)).toEqual([]);
  await look(elsewhere, 'elsewhere');
  await elsewhere.context().close();
});

/** The server's refusal, as it comes five minutes after signing in: for the first request to an address. */
async function stale(page: Page, path: string): Promise<string[]> {
  const sent: string[] = [];
  await page.route(`${base}${path}`, async (route) => {
    if (route.request().method() === 'GET') return route.continue();
    sent.push(route.request().postData() ?? '');
    if (sent.length > 1) return route.continue();
    const body = { type: 'urn:dossier:problem:proof_needed', status: 403, code: '1001002084', detail: '需要确认' };
    return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(body) });
  });
  return sent;
}

for (const [language, size] of [
  ['zh', undefined],
  ['en', phone],
] as const)
  test(`who one is is asked once more in a small dialog, and nothing typed is lost: ${language}`, async ({
    browser,
  }) => {
    const { page: own } = await page(browser, { language, ...(size ? { size } : {}) });
    const [title, wrong] =
      language === 'zh' ? ['确认是你本人', '密码不正确'] : ['Confirm that it is you', 'This is not the password'];
    await signIn(own, 'demo.cdo');
    const sent = await stale(own, '/v1/users');
    await own.goto(`${base}/settings/people`);
    await own.locator('.page-head button').first().click();
    const name = `example.${Date.now()}`;
    await own.locator('#person-name').fill(name);
    await own.locator('.ant-modal .ant-btn-primary').click();
    const dialog = own.getByRole('dialog', { name: title });
    await expect(dialog).toBeVisible();
    await expect(own.locator('#proof-password')).toBeFocused();
    await own.waitForTimeout(350);
    await look(own, `proof-${language}-${size ? 390 : 1440}`);
    expect(await axe(own)).toEqual([]);
    await own.locator('#proof-password').fill('not the password');
    await own.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(wrong);
    await own.locator('#proof-password').fill(password);
    await own.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
    await expect(own.locator('.ant-modal input[readonly]:not([role])')).toHaveValue(/\/set-up#/);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toBe(sent[1]);
    expect(sent[0]).toContain(name);
    await own.context().close();
  });

test('a proof that is not given leaves what was typed, and a passkey is one too', async ({ browser }) => {
  const { page: own } = await page(browser);
  await signIn(own, 'demo.cdo');
  await own.goto(`${base}/me/security`);
  await own.getByRole('button', { name: '添加通行密钥' }).click();
  await own.locator('#passkey-name').fill('示例电脑');
  await own.getByRole('button', { name: '继续' }).click();
  await expect(own.locator('li.passkey')).toContainText('示例电脑');
  const sent = await stale(own, '/v1/users');
  await own.goto(`${base}/settings/people`);
  await own.getByRole('button', { name: '添加人员' }).click();
  await own.locator('#person-name').fill('示例新人');
  await own.getByRole('button', { name: '添加并生成链接' }).click();
  const dialog = own.getByRole('dialog', { name: '确认是你本人' });
  await own.waitForTimeout(350);
  await look(own, 'proof-passkey');
  await dialog.getByRole('button', { name: '关闭' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(own.getByText('需要确认')).toBeVisible();
  await expect(own.locator('#person-name')).toHaveValue('示例新人');
  sent.length = 0;
  await own.getByRole('button', { name: '添加并生成链接' }).click();
  await dialog.getByRole('button', { name: '用通行密钥确认' }).click();
  await expect(own.locator('.ant-modal input[readonly]:not([role])')).toHaveValue(/\/set-up#/);
  expect(sent).toHaveLength(2);
  await own.context().close();
});

test('before anything else somebody new adds a passkey, or takes up codes instead', async ({ browser }) => {
  const { page: own } = await page(browser);
  // demo.cdo has a passkey by now; the command line makes the link.
  const { stdout } = await dossier('user', 'add', `示例员工${Date.now()}`, '--role', 'CDE');
  await own.goto(base + (/\/set-up#\S+/.exec(stdout)?.[0] ?? ''));
  await own.locator('#set-up-password').fill('plum harbour seven');
  await own.getByRole('button', { name: '完成并登录' }).click();
  await expect(own.getByRole('heading', { name: '先设置第二道验证' })).toBeVisible();
  await look(own, 'must');
  expect(await axe(own)).toEqual([]);
  await own.getByRole('button', { name: '改用动态验证码' }).click();
  await expect(own.locator('#totp-code')).toBeVisible();
  await look(own, 'must-totp');
  await own.getByRole('button', { name: '改用通行密钥' }).click();
  await own.locator('#passkey-name').fill('示例电脑');
  await own.getByRole('button', { name: '继续' }).click();
  await own.locator('#main').waitFor();
  await own.context().close();
});
