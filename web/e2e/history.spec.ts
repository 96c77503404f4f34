// Earlier versions: of contacts too, and as far back as they go.
import { as, expect, good, openFirst, requests, test } from './support';

test('a contact has a history, and a value of it is restored', async ({ browser }) => {
  const page = await as(browser, 'cda');
  await openFirst(page);
  const contact = page.locator('.contact').first();
  const title = contact.locator('.field-row', { has: page.locator('.label', { hasText: /^职务$/ }) });
  const before = await title.locator('.value').innerText();
  await title.locator('.value').click();
  await title.locator('input').fill('示例经理');
  await page.keyboard.press('Enter');
  await expect(title.locator('.value')).toHaveText('示例经理');
  await contact.getByRole('button', { name: '变更' }).click();
  const past = page.locator('.ant-drawer');
  await expect(past).toContainText('修改了联系人');
  await expect(past.locator('.diff').first()).toContainText('示例经理');
  const versions = await past.locator('.timeline > li').count();
  await past.getByRole('button', { name: '还原此值' }).first().click();
  await expect(past.locator('.timeline > li')).toHaveCount(versions + 1);
  await page.keyboard.press('Escape');
  await expect(title.locator('.value')).toHaveText(before);
  good(page);
  await page.context().close();
});

test('the history goes on beyond its first page', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await as(browser, 'cda');
  await openFirst(page);
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const versions = await page.evaluate(async (id) => {
    const { csrf } = (await (await fetch('/v1/session')).json()) as { csrf: string };
    let version = ((await (await fetch(`/v1/dossiers/${id}`)).json()) as { version: number }).version;
    while (version < 60) {
      const answer = await fetch(`/v1/dossiers/${id}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, 'If-Match': `"${version}"` },
        body: JSON.stringify({ fields: { remarks: `第 ${version} 版之后` } }),
      });
      version = ((await answer.json()) as { version: number }).version;
    }
    return version;
  }, id);
  await page.goto(`/dossiers/${id}/history`);
  await page.locator('.timeline > li').first().waitFor();
  const shown = await page.locator('.timeline > li').count();
  expect(shown).toBeLessThan(versions);
  await page.getByRole('button', { name: '更早的变更' }).click();
  await expect(page.locator('.timeline > li')).toHaveCount(versions);
  await expect(page.locator('.timeline > li').last()).toContainText('录入了档案');
  await expect(page.getByRole('button', { name: '更早的变更' })).toHaveCount(0);
  expect(requests(page).filter((one) => one.includes('/history?'))).toHaveLength(2);
  good(page);
  await page.context().close();
});
