// What a browser keeps by itself: its caches, the pages one can go back to, what was typed, in memory and in its folder.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { expect, openFirst, password, signIn, still, test, url } from './support';

const typed = ['示例鱻龘键入', 'zqtypedname', '15483170001'];

/** Texts of customers in an answer: everything long enough to be told from other things, but for words of the program. */
function values(answer: unknown, found: Set<string>): void {
  if (Array.isArray(answer)) answer.forEach((one) => values(one, found));
  else if (answer && typeof answer === 'object') {
    const { fields } = answer as { fields?: Record<string, unknown> };
    for (const name of [
      'name',
      'phone',
      'email',
      'registered_address',
      'document_number',
      'mobile',
      'representative',
    ]) {
      const value = fields?.[name];
      if (typeof value === 'string' && value.length >= 3) found.add(value);
    }
    Object.values(answer).forEach((one) => values(one, found));
  }
}

function holding(folder: string, texts: string[]): string[] {
  const marks = texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, 'utf16le')]);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const data = readFileSync(file);
      return marks.some((mark) => data.includes(mark));
    });
}

async function reveal(page: Page): Promise<string> {
  const row = page.locator('.record-main .field-row', { has: page.locator('.label', { hasText: /^电话$/ }) });
  await row.locator('.look').click();
  await page.locator('.ant-modal').getByRole('button', { name: '查看' }).click();
  return row.locator('.clear-value').innerText();
}

test('nothing of a customer is in the folder of the browser, and going back after signing out shows nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dossier-profile-'));
  let context: BrowserContext | undefined;
  try {
    context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      baseURL: url(),
      locale: 'zh-CN',
      viewport: { width: 1440, height: 900 },
    });
    const found = new Set<string>();
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('response', async (response) => {
      if (response.url().includes('/v1/')) values(await response.json().catch(() => null), found);
    });
    await signIn(page, 'cde');
    await openFirst(page);
    found.add(await reveal(page));
    const record = page.url();
    // Typed and not sent, sent, and looked for.
    await page.goto('/dossiers/new');
    const boxes = page.locator('form input[type=text]:visible, form textarea:visible');
    await boxes.first().fill(typed[0] as string);
    await page.goto('/dossiers');
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.locator('.palette input.ask').fill(typed[1] as string);
    await page.keyboard.press('Enter');
    await still(page);
    await page.goto('/search');
    await page
      .locator('#main input')
      .first()
      .fill(typed[2] as string);
    await page.keyboard.press('Enter');
    await still(page);
    // Another page, and back: out of what the browser has kept of it, or anew.
    await page.goto(record);
    await page.locator('.record-head').waitFor();
    await still(page);
    expect(found.size).toBeGreaterThan(30);
    await page.evaluate(async () => {
      const session = (await (await fetch('/v1/session')).json()) as { csrf: string };
      await fetch('/v1/session', { method: 'DELETE', headers: { 'X-CSRF-Token': session.csrf } });
    });
    await page.goto('about:blank');
    await page.goBack({ waitUntil: 'commit' });
    await page.locator('#sign-in-password').waitFor();
    const shown = await page.content();
    for (const value of found) expect(shown).not.toContain(value);
    await context.close();
    const all = [...found, ...typed, password()];
    expect(holding(folder, all)).toEqual([]);
    // The program's files are in the cache, so that it is one; no answer is.
    expect(holding(folder, [`${url()}/assets/`]).length).toBeGreaterThan(0);
    expect(holding(folder, [`${url()}/v1/`])).toEqual([]);
  } finally {
    await context?.close();
    rmSync(folder, { recursive: true });
  }
});
