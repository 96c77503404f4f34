// What a server could be made to say: markup for names, addresses for ids, keys that mean something to JavaScript.
import type { Page } from '@playwright/test';
import { as, context, expect, good, openFirst, password, signIn, still, test, watch } from './support';

const markup = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
const address = 'javascript:window.hit=1//';
const names = ['name', 'agent', 'who', 'file_name', 'address', 'remarks'];

/** An answer with markup in front of each name, and an address that is a script in front of each id. */
function poisoned(value: unknown, key: string, ids: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => poisoned(one, key, ids));
  if (typeof value === 'string') {
    if (names.includes(key)) return markup + value;
    return ids && key === 'id' ? address + value : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, name, ids)]));
}

const polluting = '"__proto__":{"hit":1},"constructor":{"prototype":{"hit":1}},';

/** Every answer but that on kinds, whose names of fields are the page's own keys, comes poisoned. */
async function poison(page: Page, ids = false): Promise<void> {
  await page.route('**/v1/**', async (route) => {
    const answer = await route.fetch();
    const kinds = route.request().url().endsWith('/v1/kinds');
    if (kinds || !answer.headers()['content-type']?.includes('json')) return route.fulfill({ response: answer });
    const body = JSON.stringify(poisoned(await answer.json(), '', ids));
    return route.fulfill({ response: answer, body: body.replaceAll('{"', `{${polluting}"`) });
  });
}

async function nothingRan(page: Page): Promise<void> {
  expect(await page.evaluate(() => [(window as { hit?: number }).hit, ({} as { hit?: number }).hit])).toEqual([
    undefined,
    undefined,
  ]);
  await expect(page.locator('img[src="x"], script:not([src])')).toHaveCount(0);
  const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
  // The one other address is that of this very server, under the name that passkeys are bound to.
  const home = await page.locator('meta[name=dossier-origin]').getAttribute('content');
  expect(links.filter((one) => !/^[/#](?!\/)/.test(one) && one !== home)).toEqual([]);
  good(page);
}

test('a name with markup is shown as it is written, on every screen', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await poison(page);
  const settings = ['/settings/people', '/settings/roles', '/settings/teams', '/settings/programs'];
  const screens = ['/dossiers', '/dossiers?show=board', ...settings, '/me/security'];
  for (const screen of [...screens, '/security/ledger', '/imports', '/']) {
    await page.goto(screen);
    await still(page);
    if (screens.includes(screen)) await expect(page.locator('#main').getByText(markup).first()).toBeAttached();
    await nothingRan(page);
  }
  await openFirst(page);
  await expect(page.locator('.record-head h1')).toContainText(markup);
  await nothingRan(page);
  const name = (await page.locator('.record-head h1').innerText()).replace(markup, '').trim();
  await page.goto('/search');
  await page.locator('form[role=search] input').fill(name.slice(0, 4));
  await page.keyboard.press('Enter');
  await expect(page.locator('.hits').getByText(markup).first()).toBeAttached();
  await nothingRan(page);
  await page.context().close();
});

test('an id that is a script leads nowhere but into an address of this page', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await poison(page, true);
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await nothingRan(page);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/dossiers\/javascript%3A/);
  await still(page);
  await nothingRan(page);
  for (const screen of [
    '/imports',
    '/settings/people',
    '/settings/roles',
    '/settings/teams',
    '/security/ledger',
    '/?next=javascript:window.hit=1',
  ]) {
    await page.goto(screen);
    await still(page);
    await nothingRan(page);
  }
  await page.context().close();
});

test('passwords are masked, may be pasted, and password managers know them', async ({ browser }) => {
  const made = await context(browser, {});
  await made.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await made.newPage();
  watch(page);
  const is = async (field: string, kind: string) => {
    const input = page.locator(field);
    await expect(input).toHaveAttribute('type', 'password');
    await expect(input).toHaveAttribute('autocomplete', kind);
    await page.evaluate((text) => navigator.clipboard.writeText(text), password());
    await input.focus();
    await page.keyboard.press('Control+V');
    await expect(input).toHaveValue(password());
    // Seen for a moment by whoever wants to, and masked again.
    const eye = page.locator('.ant-input-password', { has: input }).locator('.ant-input-password-icon');
    await eye.click();
    await expect(input).toHaveAttribute('type', 'text');
    await eye.click();
    await expect(input).toHaveAttribute('type', 'password');
  };
  await page.goto('/sign-in');
  await expect(page.locator('#sign-in-name')).toHaveAttribute('autocomplete', 'username');
  await is('#sign-in-password', 'current-password');
  await signIn(page, 'cdu');
  await page.goto('/me/security');
  await page.getByRole('button', { name: '修改密码' }).click();
  await is('#current-password', 'current-password');
  await is('#new-password', 'new-password');
  // No field for a password that is another kind of field.
  await expect(page.locator('input[type=text][id*=password]')).toHaveCount(0);
  good(page);
  await made.close();
});
