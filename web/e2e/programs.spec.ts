// A program sends somebody here to be let act for them: the page that asks, both answers, and taking it back.
import AxeBuilder from '@axe-core/playwright';
import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import { as, context, expect, password, phone, still, test, url, type Looks } from './support';

const back = 'http://127.0.0.1:9/back';
const verifier = 'example-verifier-0000000000000000000000000000';
const challenge = createHash('sha256').update(verifier).digest('base64url');
let client = '';

test.beforeAll(async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/');
  const csrf = await page.evaluate(async () => ((await (await fetch('/v1/session')).json()) as { csrf: string }).csrf);
  const answer = await page.request.post('/v1/clients', {
    headers: { 'X-CSRF-Token': csrf },
    data: { name: `示例程序 ${Date.now()}`, roles: ['CDE'], redirect_uris: [back], public: true },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  client = ((await answer.json()) as { client_id: string }).client_id;
  await page.context().close();
});

const address = (change: Record<string, string> = {}) => {
  const asked = {
    client_id: client,
    redirect_uri: back,
    response_type: 'code',
    state: 'xyz',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
  return `/oauth/authorize?${new URLSearchParams({ ...asked, ...change }).toString()}`;
};

/** Where the browser was sent, which nobody answers. */
async function sentTo(page: Page): Promise<URL> {
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.url().startsWith(back)),
    page.route(`${back}**`, (route) => route.fulfill({ status: 200, contentType: 'text/html', body: 'back' })),
  ]);
  return new URL(request.url());
}

const looks: [string, Looks][] = [
  ['in Chinese', {}],
  ['in English, dark, on a phone', { language: 'en', theme: 'dark', size: phone }],
  ['in Chinese on a phone', { size: phone }],
];
for (const [name, look] of looks) {
  test(`what is asked is clear, whole and easy to reach, ${name}`, async ({ browser }) => {
    const page = await as(browser, 'cde', look);
    await page.goto(address());
    await page.getByRole('button', { name: look.language === 'en' ? 'Agree' : '同意', exact: true }).waitFor();
    await still(page);
    await expect(page.locator('h1')).toContainText('示例程序');
    await expect(page.locator('main')).toContainText('http://127.0.0.1:9');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    await page.context().close();
  });
}

test('a refusal goes back to the program, and an agreement with a code that becomes tokens, until it is withdrawn', async ({
  browser,
}) => {
  const page = await as(browser, 'cde');
  await page.goto(address());
  const refused = sentTo(page);
  await page.getByRole('button', { name: '不同意' }).click();
  expect((await refused).searchParams.get('error')).toBe('access_denied');

  await page.goto(address());
  const agreed = sentTo(page);
  await page.getByRole('button', { name: '同意', exact: true }).click();
  const to = await agreed;
  expect(to.searchParams.get('state')).toBe('xyz');
  expect(to.searchParams.get('iss')).toMatch(/^http:\/\/localhost:\d+$/);
  const got = await page.request.post('/oauth/token', {
    form: {
      grant_type: 'authorization_code',
      client_id: client,
      redirect_uri: back,
      code: to.searchParams.get('code') ?? '',
      code_verifier: verifier,
    },
  });
  expect(got.status(), await got.text()).toBe(200);
  const { access_token } = (await got.json()) as { access_token: string };
  const bearer = { Authorization: `Bearer ${access_token}` };
  const anybody = await browser.newContext({ baseURL: url() });
  expect((await anybody.request.get('/v1/dossiers', { headers: bearer })).status()).toBe(200);

  await page.goto('/me/security');
  const row = page.locator('li', { hasText: '示例程序' });
  await row.getByRole('button', { name: '收回' }).click();
  await page.locator('.ant-modal').getByRole('button', { name: '收回' }).click();
  await expect(page.getByText('没有程序代表你。')).toBeVisible();
  expect((await anybody.request.get('/v1/dossiers', { headers: bearer })).status()).toBe(401);
  await anybody.close();
  await page.context().close();
});

test('whoever is not signed in signs in first, on the same page', async ({ browser }) => {
  const page = await (await context(browser, {})).newPage();
  await page.goto(address());
  await page.locator('#sign-in-name').fill('demo.cdu');
  await page.locator('#sign-in-password').fill(password());
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '同意', exact: true })).toBeVisible();
  await page.context().close();
});

test('nobody is sent back to where the program was not registered', async ({ browser }) => {
  const page = await as(browser, 'cde');
  const answer = await page.goto(address({ redirect_uri: `${back}/more` }));
  expect(answer?.status()).toBe(400);
  await expect(page.getByText('没有这个程序，或回跳地址与登记的不一致')).toBeVisible();
  await expect(page.getByRole('button', { name: '同意', exact: true })).toHaveCount(0);
  await page.context().close();
});
