// People who have signed in, and what every test watches for: no error on the page, no request to anywhere else.
import { createHmac } from 'node:crypto';
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';

export type Role = 'cdo' | 'cda' | 'cde' | 'cdu' | 'isa';
export interface Looks {
  language?: 'zh' | 'en';
  theme?: 'light' | 'dark' | 'system';
  size?: { width: number; height: number };
}

export const url = () => process.env.DOSSIER_URL ?? '';
export const password = () => process.env.DOSSIER_PASSWORD ?? '';
export const phone = { width: 390, height: 844 };

type State = Awaited<ReturnType<BrowserContext['storageState']>>;
const states = new Map<Role, { state: State; since: number }>();
/** What wants a fresh proof is done without being asked for one for five minutes after signing in. */
const fresh = 240_000;

export async function context(browser: Browser, looks: Looks, state?: State): Promise<BrowserContext> {
  const made = await browser.newContext({
    baseURL: url(),
    ...(state ? { storageState: state } : {}),
    ...(looks.size ? { viewport: looks.size, hasTouch: looks.size.width < 700 } : {}),
    reducedMotion: 'reduce',
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
  });
  await made.addInitScript((kept) => localStorage.setItem('dossier.settings', JSON.stringify(kept)), {
    language: looks.language ?? 'zh',
    theme: looks.theme ?? 'light',
    density: 'normal',
  });
  return made;
}

export async function signIn(page: Page, role: Role): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('#sign-in-name').fill(`demo.${role}`);
  await page.locator('#sign-in-password').fill(password());
  await page.keyboard.press('Enter');
  await page.locator('#main').waitFor();
}

/** A page of somebody who has signed in; the session of a role is made once in a few minutes. */
export async function as(browser: Browser, role: Role, looks: Looks = {}): Promise<Page> {
  let state = states.get(role);
  if (!state || Date.now() - state.since > fresh) {
    const first = await context(browser, {});
    const page = await first.newPage();
    await signIn(page, role);
    state = { state: await first.storageState(), since: Date.now() };
    states.set(role, state);
    await first.close();
  }
  const page = await (await context(browser, looks, state.state)).newPage();
  watch(page);
  return page;
}

const mistakes = new WeakMap<Page, string[]>();
const asked = new WeakMap<Page, string[]>();

export function watch(page: Page): void {
  const wrong: string[] = [];
  const requests: string[] = [];
  mistakes.set(page, wrong);
  asked.set(page, requests);
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of (4\d\d|503)/.test(line.text())) wrong.push(line.text());
  });
  page.on('request', (request) => {
    if (/^(data|blob):/.test(request.url())) return;
    requests.push(`${request.method()} ${request.url()}`);
    if (!request.url().startsWith(`${url()}/`)) wrong.push(`a request to ${request.url()}`);
  });
}

/** Requests to the interface since the page was opened, without its host. */
export const requests = (page: Page): string[] =>
  (asked.get(page) ?? []).map((one) => one.replace(url(), '')).filter((one) => one.includes(' /v1/'));

export const good = (page: Page): void => expect(mistakes.get(page) ?? []).toEqual([]);

/** Waits until nothing has been asked for a while. */
export async function still(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await expect(page.locator('.skeleton')).toHaveCount(0);
}

/** The code of an authenticator, some periods from now (RFC 6238; the secret in base 32 of RFC 4648). */
export function code(secret: string, periods = 0): string {
  const bits = [...secret].map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'));
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + periods));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** The first row of the list, opened. */
export async function openFirst(page: Page): Promise<void> {
  await page.goto('/dossiers');
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.record-head').waitFor();
  await still(page);
}

export { base as test, expect };
