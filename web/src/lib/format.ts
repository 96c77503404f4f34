// How numbers, times and values are written. Times are the reader's own clock; the ledger adds seconds and zone.
import { language, say } from '../words';

const two = (n: number) => String(n).padStart(2, '0');
const day = (d: Date) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
export const clock = (d: Date): string => `${two(d.getHours())}:${two(d.getMinutes())}`;

export const absolute = (iso: string): string => {
  const d = new Date(iso);
  return `${day(d)} ${clock(d)}`;
};

export const exact = (iso: string): string => {
  const d = new Date(iso);
  const minutes = -d.getTimezoneOffset();
  const sign = minutes < 0 ? '-' : '+';
  const zone = `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${day(d)} ${clock(d)}:${two(d.getSeconds())} ${zone}`;
};

/** 今天 14:03, 昨天 14:03, and the date for what is older. */
export function near(iso: string, now = new Date()): string {
  const d = new Date(iso);
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (d.getTime() >= start && d.getTime() < start + 86_400_000) return say('time.today', { time: clock(d) });
  if (d.getTime() >= start - 86_400_000 && d.getTime() < start) return say('time.yesterday', { time: clock(d) });
  return absolute(iso);
}

export const count = (n: number): string => n.toLocaleString('en-US');

/** Days ago, for lists: short, told in full by the title. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) return say('time.justNow');
  if (seconds < 3600) return say('time.minutes', { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return say('time.hours', { n: Math.floor(seconds / 3600) });
  if (seconds < 30 * 86_400) return say('time.days', { n: Math.floor(seconds / 86_400) });
  return absolute(iso).slice(0, 10);
}

const signs: Record<string, string> = { CNY: '¥', USD: 'US$', EUR: '€', HKD: 'HK$', JPY: 'JP¥', GBP: '£' };

export function money(amount: string, currency: string): string {
  const [whole = '0', rest] = amount.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${signs[currency] ?? `${currency} `}${grouped}${rest === undefined ? '' : `.${rest}`}`;
}

/** A number of bytes as people say it. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(1)} KB`;
  return `${(n / 1024 / 1024).toFixed(1)} MB`;
}

/** 91 %: no space in Chinese, none in English either. */
export const percent = (n: number): string => `${n}%`;

/** The label of the language in use. */
export const label = (of: { zh: string; en: string }): string => {
  const text = of[language()];
  return language() === 'en' ? text.charAt(0).toUpperCase() + text.slice(1) : text;
};
