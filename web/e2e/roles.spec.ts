// Roles, and who has them: made from a copy, reviewed, in force at once; two who change the same one; teams and owners.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { as, context, expect, good, openFirst, phone, requests, still, test, watch } from './support';

const own = '一只会写代码的橘猫住在杭州';
const unique = (name: string) => `${name} ${Date.now()}`;
const choice = (page: Page, group: string, value: string) =>
  page.getByRole('radiogroup', { name: group, exact: true }).getByRole('radio', { name: value, exact: true });
const set = (page: Page, group: string, value: string) => choice(page, group, value).check({ force: true });
const part = (page: Page, name: string) =>
  page.getByRole('navigation', { name: '角色的规则' }).getByRole('link', { name });
const review = async (page: Page) => {
  await page.locator('.table-foot .ant-btn-primary').click();
  await page.locator('.ant-modal').waitFor();
};
const agree = (page: Page) => page.locator('.ant-modal-footer .ant-btn-primary').click();
const said = (page: Page, text: string) => expect(page.locator('.toast').filter({ hasText: text })).toBeVisible();
const choose = async (page: Page, input: string, text: string) => {
  await page.locator(input).click();
  if (await page.locator(input).isEditable()) await page.locator(input).fill(text);
  await page.locator('.ant-select-item-option:visible', { hasText: text }).first().click();
  // Where several can be chosen the list stays open.
  if (
    await page
      .locator(input)
      .getAttribute('aria-expanded')
      .then((open) => open === 'true')
  )
    await page.keyboard.press('Escape');
};

async function copyOfCdu(page: Page, name: string): Promise<string> {
  await page.goto('/settings/roles/new?from=CDU');
  await page.locator('#role-name').fill(name);
  await review(page);
  await agree(page);
  await said(page, `“${name}”已添加`);
  await expect(page).toHaveURL(/\/settings\/roles\/rol_\w{26}$/);
  return page.url();
}

/** A dossier of whoever has the page: its id. */
const dossier = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { csrf } = (await (await fetch('/v1/session')).json()) as { csrf: string };
    const fields = { name: `示例${Date.now()}有限公司`, subject: 'A', credit_limit: '50万元' };
    const body = JSON.stringify({ team: '华东', fields });
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf };
    return ((await (await fetch('/v1/dossiers', { method: 'POST', headers, body })).json()) as { id: string }).id;
  });

test('a copy of CDU opens a field, and whoever has it sees that without signing in again', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await as(browser, 'cdo');
  await page.goto('/settings/roles');
  await page.getByRole('link', { name: '复制 CDU' }).click();
  const name = unique('财务');
  await page.locator('#role-name').fill(name);
  // The copy has the rules of CDU: the phone is above what is seen in clear.
  const row = page.locator('tr', { hasText: 'phone' }).first();
  await expect(row).toContainText('154****0001');
  await expect(row).toContainText('超过“明文至 L2”');
  await review(page);
  await expect(page.locator('.ant-modal')).toContainText('还没有人持有');
  await agree(page);
  await said(page, `“${name}”已添加`);

  await page.goto('/settings/people');
  await page.getByRole('button', { name: '添加人员' }).click();
  // One of the demo's made-up people: they need no second factor.
  const person = unique('demo.example');
  await page.locator('#person-name').fill(person);
  await choose(page, '#person-role', name);
  await choose(page, '#person-role', 'CDE');
  await choose(page, '#person-team', '华东');
  await page.getByRole('button', { name: '添加并生成链接' }).click();
  const link = await page.locator('.ant-modal input[readonly]:not([role])').inputValue();
  const other = await (await context(browser, {})).newPage();
  watch(other);
  await other.goto(link);
  await other.locator('#set-up-password').fill(own);
  await other.getByRole('button', { name: '完成并登录' }).click();
  await other.locator('#main').waitFor();
  await openFirst(other);
  const shownPhone = other.locator('.record-main .field-row', { hasText: '电话' }).first();
  await expect(shownPhone).toContainText('****');
  await expect(shownPhone.locator('.look')).toBeVisible();

  await page.goto('/settings/roles');
  await page.getByRole('link', { name }).first().click();
  await expect(part(page, '成员')).toContainText('1');
  await set(page, '明文至', 'L3');
  await expect(row).toContainText('15400000001');
  await review(page);
  const dialog = page.locator('.ant-modal');
  await expect(dialog).toContainText('1 个人员或程序持有');
  await expect(dialog.locator('tbody tr')).toHaveText(['明文至L2L3']);
  await expect(dialog).toContainText('其中新增明文');
  await agree(page);
  await said(page, `“${name}”已保存`);
  await other.reload();
  await other.locator('.record-head').waitFor();
  await expect(shownPhone).not.toContainText('****');

  // What was before comes back for them as well.
  await page.locator('.toast button').last().click();
  await said(page, '已恢复原来的规则');
  await expect(choice(page, '明文至', 'L2')).toBeChecked();
  await other.reload();
  await expect(shownPhone).toContainText('****');

  // Of a field that was hidden until now the page learns as it opens the next dossier.
  await set(page, '授信额度', '隐藏');
  await review(page);
  await agree(page);
  await expect(page.locator('.ant-modal')).toHaveCount(0);
  const made = await dossier(page);
  await other.goto('/');
  await still(other);
  await set(page, '授信额度', '脱敏');
  await review(page);
  await agree(page);
  await expect(page.locator('.ant-modal')).toHaveCount(0);
  await other.evaluate((to) => {
    history.pushState({}, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/dossiers/${made}`);
  await expect(other.locator('.record-main .field-row', { hasText: '授信额度' })).toContainText('50万–100万');
  await part(page, '成员').click();
  await expect(page.locator('tbody tr')).toContainText(person);
  good(page);
  good(other);
  await other.context().close();
  await page.context().close();
});

test('of two who change one role nobody loses what was typed', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await as(browser, 'cdo');
  const name = unique('法务');
  const url = await copyOfCdu(page, name);
  const other = await as(browser, 'cdo');
  await other.goto(url);
  await set(other, '电话', '隐藏');
  await set(other, '电子邮箱', '脱敏');

  await set(page, '电话', '脱敏');
  await set(page, '名称', '隐藏');
  await review(page);
  await agree(page);
  await said(page, `“${name}”已保存`);

  await review(other);
  await agree(other);
  const conflict = other.getByRole('alertdialog', { name: '他人刚改过这个角色' });
  await expect(conflict.locator('tbody tr')).toHaveCount(2);
  await expect(conflict.locator('tr', { hasText: '电话' })).toContainText('与你的不同');
  const found = await new AxeBuilder({ page: other }).include('.rule-conflict').analyze();
  expect(found.violations.map((one) => one.id)).toEqual([]);
  await conflict.getByRole('button', { name: '载入对方的版本' }).click();
  await expect(choice(other, '电话', '脱敏')).toBeChecked();
  await expect(choice(other, '电子邮箱', '明文')).toBeChecked();
  await other.getByRole('button', { name: '恢复我的改动' }).click();
  await expect(choice(other, '电话', '隐藏')).toBeChecked();
  await expect(choice(other, '电子邮箱', '脱敏')).toBeChecked();
  await expect(choice(other, '名称', '隐藏')).toBeChecked();
  await review(other);
  await agree(other);
  await said(other, `“${name}”已保存`);

  // Whoever deletes it first leaves the rules that others typed.
  await set(other, '明文至', 'L1');
  await page.goto(url);
  await page.getByRole('button', { name: '删除角色' }).click();
  await agree(page);
  await said(page, `“${name}”已删除`);
  await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0);
  await review(other);
  await agree(other);
  await other.getByRole('button', { name: '另存为新角色' }).click();
  await review(other);
  await agree(other);
  await said(other, `“${name}”已添加`);
  await expect(choice(other, '明文至', 'L1')).toBeChecked();
  for (const one of [page, other]) {
    good(one);
    await one.context().close();
  }
});

test('what is wrong is said where it stands, and built-in roles stay as they are', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await copyOfCdu(page, unique('外包'));
  await part(page, '时间').click();
  await page.locator('#hours-from_time').fill('25:00');
  await page.locator('#hours-to_time').fill('18:00');
  await part(page, '功能').click();
  await review(page);
  await agree(page);
  await expect(page.locator('#hours-from_time-wrong')).toContainText('08:30');
  await page.locator('#hours-from_time').fill('09:00');
  await page.locator('#hours-first_day').fill('2026-12-01');
  await page.locator('#hours-last_day').fill('2026-11-01');
  await review(page);
  await agree(page);
  await expect(page.locator('#hours-last_day-wrong')).toContainText('请选用：≥ 2026-12-01');
  await page.locator('#hours-last_day').fill('');
  await page.locator('#role-name').fill('cda');
  await review(page);
  await agree(page);
  await expect(page.locator('#role-name-wrong')).toContainText('已被使用');
  await part(page, '行').click();
  await page.getByRole('radio', { name: '指定团队' }).check();
  await page.locator('#role-name').fill(unique('外包'));
  await review(page);
  await agree(page);
  await expect(page.locator('#rows-named_teams-wrong')).toBeVisible();
  await page.getByRole('link', { name: '全部角色' }).click();
  await page.getByRole('button', { name: '继续编辑' }).click();
  await expect(page.locator('#rows-named_teams-wrong')).toBeVisible();
  await page.getByRole('link', { name: '全部角色' }).click();
  await page.locator('.ant-modal').getByRole('button', { name: '放弃改动' }).click();
  await page.getByRole('link', { name: /^ISA/ }).click();
  await expect(page.getByText('内置角色的规则随程序而定')).toBeVisible();
  await expect(page.locator('main').getByRole('radio')).toHaveCount(0);
  good(page);
  await page.context().close();
});

test('a role is made by the keyboard alone', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/');
  await still(page);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByRole('link', { name: '复制 ISA' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#role-name')).toBeFocused();
  const name = unique('审计');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(name);
  // One stop for each choice, and arrows within it.
  await choice(page, '可见至', 'L3').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(choice(page, '可见至', 'L2')).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(choice(page, '明文至', 'L1')).toBeFocused();
  await page.locator('.table-foot .ant-btn-primary').focus();
  await page.keyboard.press('Enter');
  await page.locator('.ant-modal-footer .ant-btn-primary:focus').waitFor();
  await page.keyboard.press('Enter');
  await said(page, `“${name}”已添加`);
  good(page);
  await page.context().close();
});

test('somebody gets another role and team, and has the earlier ones back', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/settings/people');
  await page.getByRole('button', { name: '添加人员' }).click();
  // One of the demo's made-up people: they need no second factor.
  const person = unique('demo.example');
  await page.locator('#person-name').fill(person);
  await choose(page, '#person-team', '华东');
  await page.getByRole('button', { name: '添加并生成链接' }).click();
  await page.locator('.ant-modal input[readonly]:not([role])').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `${person} 的操作` }).click();
  await page.getByRole('button', { name: '更改角色与团队' }).click();
  await choose(page, '#change-roles', 'CDU');
  await expect(page.locator('.ant-modal .notice')).toHaveCount(0);
  await choose(page, '#change-team', '华南');
  await expect(page.locator('.ant-modal .notice')).toContainText('随即退出登录');
  await page
    .locator('.ant-modal')
    .getByRole('button', { name: /^保\s?存$/ })
    .click();
  const row = page.locator('tr', { hasText: person });
  await expect(row).toContainText('CDE 录入人、CDU 使用人');
  await expect(row).toContainText('华南');
  await page.locator('.toast button').last().click();
  await expect(row).not.toContainText('CDU');
  await expect(row).toContainText('华东');
  good(page);
  await page.context().close();
});

test('teams are put below one another where they stand, and back', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/settings/teams');
  const name = unique('示例组');
  await page.getByPlaceholder('团队名称').fill(name);
  await page.getByRole('button', { name: '添加团队' }).click();
  const form = page.getByRole('form', { name: `编辑 ${name}` });
  await form.waitFor();
  // People are asked for when somebody is to be chosen among them, and once.
  await still(page);
  expect(requests(page).filter((one) => one.endsWith('GET /v1/users'))).toHaveLength(1);
  await choose(page, '#team-above', '华东');
  await choose(page, '#team-lead', 'demo.cda');
  await form.getByRole('button', { name: /^保\s?存$/ }).click();
  const below = page.locator('li', { hasText: '华东' }).locator('ul .team', { hasText: name });
  await expect(below).toContainText('主管 demo.cda');
  await page.getByRole('button', { name: '编辑 华东' }).click();
  await page.locator('#team-above').click();
  await expect(page.locator('.ant-select-item-option:visible', { hasText: '华南' })).toBeVisible();
  await expect(page.locator('.ant-select-item-option:visible', { hasText: name })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^取\s?消$/ }).click();
  await page.locator('.toast button').last().click();
  await said(page, `“${name}”已恢复`);
  await expect(below).toHaveCount(0);
  good(page);
  await page.context().close();
});

test('a dossier gets an owner, by choice or by name, and loses it again', async ({ browser }) => {
  const page = await as(browser, 'cdo');
  await page.goto('/');
  const path = `/dossiers/${await dossier(page)}`;
  await page.goto(path);
  await expect(page.locator('.owner')).toHaveText('demo.cdo');
  await page.locator('.owner').click();
  await choose(page, '#owner-name', 'demo.cda');
  await page
    .locator('.owner-form')
    .getByRole('button', { name: /^保\s?存$/ })
    .click();
  await expect(page.locator('.owner')).toHaveText('demo.cda');
  await page.locator('.toast button').last().click();
  await expect(page.locator('.owner')).toHaveText('demo.cdo');
  await page.context().close();

  // Who cannot list people writes a name.
  const seller = await as(browser, 'cde');
  await seller.goto(path);
  await seller.locator('.owner').click();
  await seller.locator('#owner-name').fill('example.nobody');
  await seller.keyboard.press('Enter');
  await expect(seller.locator('.owner-form [role=alert]')).toContainText('没有此用户');
  await seller.getByRole('button', { name: '由我负责' }).click();
  await expect(seller.locator('.owner')).toHaveText('demo.cde');
  await seller.locator('.owner').click();
  await seller.getByRole('button', { name: '不设负责人' }).click();
  await expect(seller.locator('.owner')).toHaveText('无');
  expect(requests(seller).filter((one) => one.includes('/v1/users'))).toEqual([]);
  good(seller);
  await seller.context().close();
});

test('on a phone every part of a role fits, and a rule is changed by touch', async ({ browser }) => {
  const page = await as(browser, 'cdo', { size: phone });
  await copyOfCdu(page, unique('外勤'));
  for (const name of ['功能', '行', '时间', '继承', '成员', '字段']) {
    await part(page, name).tap();
    await still(page);
    const wide = await page.evaluate(() => {
      const main = document.getElementById('main');
      return main ? main.scrollWidth - main.clientWidth : 0;
    });
    expect(wide, name).toBeLessThanOrEqual(0);
  }
  await page.getByRole('radiogroup', { name: '电话', exact: true }).getByText('隐藏').tap();
  await review(page);
  await expect(page.locator('.ant-modal tbody tr')).toHaveText(['客户 · 电话明文隐藏']);
  good(page);
  await page.context().close();
});
