// What waits for approval, from both sides: asked for on a record, decided on in the inbox, carried out or not.
import AxeBuilder from '@axe-core/playwright';
import { type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { serve } from './server';
import { context, expect, phone, still, test, type Looks, type Role } from './support';

const folder = mkdtempSync(join(tmpdir(), 'dossier-approvals-'));
let program: ChildProcess;
let base = '';
let password = '';
type State = Awaited<ReturnType<Awaited<ReturnType<typeof context>>['storageState']>>;
const states = new Map<Role, State>();

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  // A server of its own: what is approved here would wait in every other test.
  const served = await serve(['--data', join(folder, 'data')], ['--demo'], {
    DOSSIER__KEYS__KEYSTORE: join(folder, 'keystore'),
  });
  ({ program, url: base } = served);
  password = /^password: (\S+)$/m.exec(served.said)?.[1] ?? '';
});
test.afterAll(async () => {
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

const wrong: string[] = [];

/** Somebody who has signed in at this server; the session of a role is made once. */
async function enter(browser: Browser, role: Role, looks: Looks = {}): Promise<Page> {
  const made = await context(browser, looks, states.get(role));
  const page = await made.newPage();
  page.on('pageerror', (error) => wrong.push(error.message));
  if (!states.has(role)) {
    await page.goto(`${base}/sign-in`);
    await page.locator('#sign-in-name').fill(`demo.${role}`);
    await page.locator('#sign-in-password').fill(password);
    await page.keyboard.press('Enter');
    await page.locator('#main').waitFor();
    states.set(role, await made.storageState());
  }
  await page.goto(`${base}/approvals`);
  await page.locator('#main').waitFor();
  return page;
}

interface Shown {
  id: string;
  team: string;
  code: string;
  fields: { name: string };
}

interface Answer {
  status: number;
  body: { items: { id: string; version: number; name: string }[]; id: string; version: number };
}

/** The interface, as the session of a page. */
const call = (page: Page, method: string, path: string, body?: object, version?: number): Promise<Answer> =>
  page.evaluate(
    async ({ method, path, body, version }) => {
      const { csrf } = (await (await fetch('/v1/session')).json()) as { csrf: string };
      const headers: Record<string, string> = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf };
      if (version !== undefined) headers['If-Match'] = `"${version}"`;
      const answer = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      return { status: answer.status, body: (await answer.json()) as never };
    },
    { method, path, body, version },
  );

let dossiers: { id: string; version: number }[] = [];

/** Asks for another phone of the customer at this place of the list. */
async function ask(page: Page, at: number, number: string, reason?: string): Promise<string> {
  const { id } = dossiers[at] ?? { id: '' };
  const { version } = (await call(page, 'GET', `/v1/dossiers/${id}`)).body;
  const body = { fields: { phone: number }, ...(reason ? { reason } : {}) };
  const answer = await call(page, 'PATCH', `/v1/dossiers/${id}`, body, version);
  expect(answer.status).toBe(202);
  return answer.body.id;
}

const row = (page: Page, field: string) =>
  page.locator('.field-row', { has: page.locator('.label', { hasText: new RegExp(`^${field}$`) }) }).first();

test('approvals are begun in the browser, and from then on flows wait themselves', async ({ browser }) => {
  const page = await enter(browser, 'cdo');
  const { items: teams } = (await call(page, 'GET', '/v1/teams')).body;
  const team = teams.find((one) => one.name === '华东');
  expect((await call(page, 'PATCH', `/v1/teams/${team?.id}`, { lead: 'demo.cda' })).status).toBe(200);
  await page.goto(`${base}/settings/flows`);
  await expect(page.getByRole('heading', { name: '启用审批' })).toBeVisible();
  await page.getByRole('button', { name: '启用审批' }).click();
  await expect(page.locator('.flow-list > li').first()).toBeVisible();
  const reach = page.locator('.flow-list > li', { hasText: '客户联系方式' });
  await expect(reach).toContainText('提交人的上级');
  await expect(reach).toContainText('可批量同意');

  await reach.getByRole('switch').click();
  await expect(page.locator('.toasts')).toContainText('等待 demo.isa');
  await expect(reach.getByRole('switch'), 'it is still on').toBeChecked();

  await page.getByRole('button', { name: '添加流程' }).click();
  await page.locator('#flow-zh').fill('示例流程');
  await page.locator('#flow-en').fill('example');
  await page.locator('#flow-condition').fill('colour == "red"');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.field [role=alert]')).toContainText('colour');
  await page.locator('#flow-condition').fill("level_to == 'L4'");
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page).toHaveURL(/\/settings\/flows$/);
  await expect(page.locator('.toasts')).toContainText('尚未生效');
  await expect(page.locator('.flow-list')).not.toContainText('示例流程');
  await page.goto(`${base}/approvals?box=asked`);
  await expect(page.locator('.requests > li')).toHaveCount(2);
  await page.locator('.requests a').first().click();
  await expect(page.locator('.request')).toContainText('你是发起人，不能审批');
  await expect(page.locator('.changes')).toContainText('name.zh');
  await expect(page.getByRole('button', { name: '同意' })).toHaveCount(0);
  await page.context().close();
});

test('a phone that is changed waits, is agreed to on a phone, and is there for the seller', async ({ browser }) => {
  const seller = await enter(browser, 'cde');
  dossiers = (await call(seller, 'GET', '/v1/dossiers?limit=20')).body.items;
  await seller.goto(`${base}/dossiers/${dossiers[0]?.id}`);
  const of = row(seller, '电话');
  const before = await of.locator('.masked > span').first().innerText();
  await of.getByRole('button', { name: '更换电话' }).click();
  await of.locator('input').fill('15400004321');
  await seller.keyboard.press('Enter');
  await expect(seller.locator('.toasts')).toContainText('等待 demo.cda');
  await expect(seller.locator('.toasts')).not.toContainText('已保存');
  await expect(of.locator('.pending')).toContainText('待审批');
  await expect(of.locator('.masked > span').first()).toHaveText(before);
  await of.locator('.pending').click();
  await expect(seller.locator('.request')).toContainText('等待：demo.cda');

  const lead = await enter(browser, 'cda', { size: phone });
  await expect(lead.locator('.tabs .waiting-count > span').first()).toHaveText('1');
  await lead.locator('.requests a').first().tap();
  await expect(lead.locator('.request')).toContainText('154****4321');
  await expect(lead.locator('.request')).not.toContainText('15400004321');
  await lead.getByRole('button', { name: '同意' }).tap();
  await expect(lead.locator('.toasts')).toContainText('已同意并执行');
  await expect(lead.locator('.state')).toContainText('没有待你审批的申请');
  await expect(lead.locator('.tabs .waiting-count')).toHaveCount(0);

  await seller.goto(`${base}/dossiers/${dossiers[0]?.id}`);
  await expect(of.locator('.masked > span').first()).toHaveText('154****4321');
  await expect(seller.locator('.pending')).toHaveCount(0);
  for (const page of [seller, lead]) await page.context().close();
});

test('who refuses says why, and the seller reads it', async ({ browser }) => {
  const seller = await enter(browser, 'cde');
  await ask(seller, 1, '15400000011', '客户换号');
  await ask(seller, 2, '15400000012');
  const lead = await enter(browser, 'cda');
  // Keys are for what is there.
  await expect(lead.locator('.requests > li')).toHaveCount(2);
  await lead.keyboard.press('j');
  await expect(lead.locator('.requests > li').nth(0)).toHaveClass(/on/);
  await lead.keyboard.press('j');
  await expect(lead.locator('.request .reason')).toHaveText('客户换号');
  await lead.keyboard.press('r');
  await lead.keyboard.press('Control+Enter');
  await expect(lead.locator('.acts [role=alert]')).toContainText('请写明理由');
  await lead.locator('#act-remark').fill('请附客户的邮件');
  await lead.keyboard.press('Control+Enter');
  await expect(lead.locator('.toasts')).toContainText('已拒绝');
  // The other one stands there now, and a letter in a text is a letter.
  await expect(lead.locator('.requests > li')).toHaveCount(1);
  await expect(lead.locator('.requests > li.on')).toHaveCount(1);
  await lead.getByRole('button', { name: '评论' }).click();
  await lead.keyboard.type('ara');
  await expect(lead.locator('#act-remark')).toHaveValue('ara');
  await lead.keyboard.press('Escape');
  await expect(lead.getByRole('button', { name: '评论' })).toBeFocused();

  await seller.goto(`${base}/approvals?box=ended`);
  const refused = seller.locator('.requests > li', { hasText: '已拒绝' });
  await refused.locator('a').click();
  await expect(seller.locator('.said')).toContainText('请附客户的邮件');

  // One's own is taken back.
  await seller.goto(`${base}/approvals?box=asked`);
  await seller.locator('.requests a').first().click();
  await seller.getByRole('button', { name: '撤回' }).click();
  await seller.getByRole('button', { name: '撤回' }).click();
  await expect(seller.locator('.toasts')).toContainText('已撤回');
  await expect(seller.locator('.state').first()).toContainText('没有等待审批的申请');
  for (const page of [seller, lead]) await page.context().close();
});

test('what was asked on another state is not applied, and says so', async ({ browser }) => {
  const seller = await enter(browser, 'cde');
  await ask(seller, 3, '15400000021');
  await ask(seller, 3, '15400000022');
  const lead = await enter(browser, 'cda');
  await lead.locator('.requests a').last().click();
  await lead.locator('.request').waitFor();
  await expect(lead.getByRole('button', { name: '同意' })).toBeEnabled();
  await lead.keyboard.press('a');
  await expect(lead.locator('.toasts')).toContainText('已同意并执行');
  await expect(lead.locator('.requests > li')).toHaveCount(1);
  await expect(lead.locator('.request')).toContainText('154****0022');
  await expect(lead.getByRole('button', { name: '同意' })).toBeEnabled();
  await lead.keyboard.press('a');
  await expect(lead.locator('.toasts')).toContainText('数据已变');
  await expect(lead.locator('.state').first()).toContainText('没有待你审批的申请');

  await seller.goto(`${base}/approvals?box=ended`);
  await seller.locator('.requests > li', { hasText: '数据已变' }).locator('a').click();
  await expect(seller.locator('.request .notice')).toContainText('电话已被修改');
  await seller.getByRole('link', { name: '打开档案，按现有数据重新提交' }).click();
  await expect(row(seller, '电话').locator('.masked > span').first()).toHaveText('154****0021');
  for (const page of [seller, lead]) await page.context().close();
});

test('several of a sort are agreed to one by one, and what does not go through is named', async ({ browser }) => {
  const seller = await enter(browser, 'cde');
  for (const at of [4, 5, 6]) await ask(seller, at, `1540000003${at}`);
  const { id, version } = (await call(seller, 'GET', `/v1/dossiers/${dossiers[7]?.id}`)).body;
  expect((await call(seller, 'PATCH', `/v1/dossiers/${id}`, { level: 'L3' }, version)).status).toBe(202);
  const lead = await enter(browser, 'cda');
  const rows = lead.locator('.requests > li');
  await expect(rows).toHaveCount(4);
  await rows.nth(1).getByRole('checkbox').check();
  await expect(rows.nth(0).getByRole('checkbox'), 'another sort').toBeDisabled();
  await rows.nth(2).getByRole('checkbox').check();
  await rows.nth(3).getByRole('checkbox').check();
  // One of them is taken back meanwhile.
  const mine = (await call(seller, 'GET', '/v1/approvals?box=asked')).body.items;
  await call(seller, 'POST', `/v1/approvals/${mine[1]?.id}/decision`, { verdict: 'recall' });
  await lead.getByRole('button', { name: '同意 3 件' }).click();
  await expect(lead.locator('.task [role=status]')).toContainText('完成 2 项，未成功 1 项');
  await expect(lead.locator('.task .failures')).toContainText('已结束');
  await rows.first().locator('a').click();
  await expect(lead.locator('.changes')).toContainText('敏感等级');
  for (const page of [seller, lead]) await page.context().close();
});

test('the use of data is applied for, agreed to, seen at once for exactly that, and withdrawn', async ({ browser }) => {
  const head = await enter(browser, 'cdo');
  const items = (await call(head, 'GET', '/v1/dossiers?limit=50')).body.items as unknown as Shown[];
  const [meant, other] = items.filter((one) => one.team === '华南');
  if (!meant || !other) throw new Error('the demo has no dossiers of that team');
  const status = async (page: Page, id: string) => (await call(page, 'GET', `/v1/dossiers/${id}`)).status;

  const page = await enter(browser, 'cdu', { size: phone });
  expect(await status(page, meant.id)).toBe(404);
  await page.goto(`${base}/grants`);
  await expect(page.locator('.state')).toContainText('没有临时授权');
  await page.getByRole('button', { name: '申请权限' }).first().click();
  await page.locator('#grant-purpose').fill('季度对账');
  await page.locator('#grant-dossiers').fill(`${meant.code.slice(0, 15)}，`);
  for (const field of ['名称', '电话']) {
    await page.locator('#grant-fields').fill(field);
    await page
      .locator('.ant-select-item-option', { hasText: new RegExp(`^${field}$`) })
      .first()
      .click();
  }
  await page.keyboard.press('Escape');
  await page.locator('#grant-until').fill('2020-01-01');
  await page.getByRole('button', { name: '提交申请' }).click();
  await expect(page.locator('.ant-modal [role=alert]')).toContainText('临时授权最长 15 天');
  const last = await page.locator('#grant-until').getAttribute('max');
  await page.locator('#grant-until').fill(last ?? '');
  await page.getByRole('button', { name: '提交申请' }).click();
  await expect(page.locator('.toasts')).toContainText('尚未生效');
  expect(await status(page, meant.id)).toBe(404);

  // The line manager, then whoever else is asked.
  for (const role of ['cda', 'cdo', 'isa'] as const) {
    const decides = await enter(browser, role, { size: phone });
    const row = decides.locator('.requests a', { hasText: '数据使用申请' });
    await decides.locator('.requests, .state').first().waitFor();
    if ((await row.count()) === 0) continue;
    await row.first().click();
    await expect(decides.locator('.request')).toContainText('季度对账');
    await expect(decides.locator('.request')).toContainText(role === 'cda' ? '你不可见' : meant.code.slice(0, 15));
    await decides.getByRole('button', { name: '同意' }).click();
    await expect(decides.locator('.toasts')).toContainText('同意');
    await decides.context().close();
  }
  await page.goto(`${base}/grants`);
  const grant = page.locator('.grants > li').first();
  await expect(grant).toContainText('有效');
  await expect(grant).toContainText(`${last} 当天结束`);
  await grant.getByRole('link').click();
  await expect(page.locator('h1')).toContainText(meant.fields.name);
  expect(await status(page, other.id)).toBe(404);

  const keeper = await enter(browser, 'cda');
  await keeper.goto(`${base}/grants?box=all`);
  const theirs = keeper.locator('.grants > li').first();
  await expect(theirs).toContainText('demo.cdu');
  await expect(theirs).toContainText('1 份你不可见的档案');
  await expect(theirs, 'a purpose names customers').not.toContainText('季度对账');
  await theirs.getByRole('button', { name: '收回' }).click();
  await keeper.locator('.ant-modal').getByRole('button', { name: '收回' }).click();
  await expect(theirs).toContainText('已收回');
  expect(await status(page, meant.id)).toBe(404);
});

test('every screen by axe, in both languages and themes, and on a phone', async ({ browser }) => {
  test.setTimeout(240_000);
  const found: string[] = [];
  const look = async (page: Page, name: string) => {
    await still(page);
    await page.waitForTimeout(250);
    const { violations } = await new AxeBuilder({ page }).exclude('li:nth-child(n + 6)').analyze();
    for (const one of violations)
      found.push(`${name}: ${one.id}: ${one.nodes[0]?.target.join(' ')} ${one.nodes[0]?.any[0]?.message ?? ''}`);
    const wide = await page.evaluate(() => {
      const main = document.getElementById('main');
      return main ? main.scrollWidth - main.clientWidth : 0;
    });
    if (wide > 0) found.push(`${name}: scrolls sideways by ${wide}`);
  };
  const small = (page: Page) =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('.main button, .acts button, .requests a, .boxes a')]
        .filter((one) => one.offsetParent !== null && one.getAttribute('role') !== 'switch')
        .filter((one) => one.getBoundingClientRect().height < 43.5)
        .map((one) => `under 44 px: ${one.tagName}.${one.className}`),
    );
  const looks: Looks[] = [
    { language: 'zh', theme: 'light' },
    { language: 'en', theme: 'dark', size: { width: 1280, height: 800 } },
    { language: 'zh', theme: 'dark', size: phone },
    { language: 'en', theme: 'light', size: phone },
  ];
  const seller = await enter(browser, 'cde');
  await ask(seller, 8, '15400000041', '客户换号');
  for (const how of looks) {
    const name = `${how.language} ${how.theme} ${how.size?.width ?? 1440}`;
    const lead = await enter(browser, 'cda', how);
    await lead.locator('.requests li').first().waitFor();
    await look(lead, `${name} inbox`);
    await lead.locator('.requests a').first().click();
    await lead.locator('.request').waitFor();
    await look(lead, `${name} request`);
    await lead.locator('.acts button').nth(1).click();
    await lead.locator('#act-remark').waitFor();
    await look(lead, `${name} hand over`);
    if (how.size === phone) found.push(...(await small(lead)).map((one) => `${name}: ${one}`));
    await lead.goto(`${base}/approvals?box=ended`);
    await lead.locator('.requests a').first().click();
    await look(lead, `${name} ended`);
    const asked = await enter(browser, 'cde', how);
    await asked.goto(`${base}/dossiers/${dossiers[8]?.id}${how.size === phone ? '/fields' : ''}`);
    await asked.locator('.pending').first().waitFor();
    await look(asked, `${name} record`);
    const cdo = await enter(browser, 'cdo', how);
    await cdo.goto(`${base}/settings/flows`);
    await cdo.locator('.flow-list').waitFor();
    await look(cdo, `${name} flows`);
    await cdo.locator('.flow-list a').first().click();
    await cdo.locator('.flow-form').waitFor();
    await look(cdo, `${name} flow`);
    if (how.size === phone) found.push(...(await small(cdo)).map((one) => `${name} flow: ${one}`));
    await cdo.goto(`${base}/grants?box=all`);
    await cdo.locator('.grants').waitFor();
    await look(cdo, `${name} grants`);
    await cdo.getByRole('button', { name: how.language === 'zh' ? '申请权限' : 'Apply for access' }).click();
    await cdo.locator('#grant-purpose').waitFor();
    await look(cdo, `${name} application`);
    if (how.size === phone) found.push(...(await small(cdo)).map((one) => `${name} grants: ${one}`));
    for (const page of [lead, asked, cdo]) await page.context().close();
  }
  expect(found).toEqual([]);
  expect(wrong).toEqual([]);
});
