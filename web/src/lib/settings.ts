// What this browser keeps: language, theme, density, whether the first steps were put away, and the last checkpoints of the ledger that it saw. Nothing of a
// customer, and nothing that says who signed in.
import { useSyncExternalStore } from 'react';
import type { Density, Theme } from './tokens';

export interface Settings {
  language: 'zh' | 'en';
  theme: Theme | 'system';
  density: Density;
  /** The first steps of a new installation were put away. */
  away: boolean;
}

const key = 'dossier.settings';

/** The first of the browser's languages that the page has; Chinese where it has none of them. */
export function languageOf(wanted: readonly string[]): Settings['language'] {
  for (const tag of wanted) {
    const of = tag.toLowerCase().split('-')[0];
    if (of === 'zh' || of === 'en') return of;
  }
  return 'zh';
}

/** What somebody chose here; what nobody chose follows the browser. */
function load(): Partial<Settings> {
  try {
    const kept = (JSON.parse(localStorage.getItem(key) ?? '{}') ?? {}) as Partial<Settings>;
    const { language, theme, density, away } = kept;
    return {
      ...(language === 'zh' || language === 'en' ? { language } : {}),
      ...(theme === 'light' || theme === 'dark' || theme === 'system' ? { theme } : {}),
      ...(density === 'roomy' || density === 'normal' || density === 'tight' ? { density } : {}),
      ...(away === true ? { away } : {}),
    };
  } catch {
    return {};
  }
}

let chosen = load();
const whole = (): Settings => ({
  language: languageOf(navigator.languages),
  theme: 'system',
  density: 'normal',
  away: false,
  ...chosen,
});
let current = whole();
const listeners = new Set<() => void>();

export const settings = (): Settings => current;

export function changeSettings(change: Partial<Settings>): void {
  chosen = { ...chosen, ...change };
  current = whole();
  try {
    localStorage.setItem(key, JSON.stringify(chosen));
  } catch {
    // Kept for this page only, where the browser keeps nothing.
  }
  listeners.forEach((listener) => listener());
}

export const onSettings = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

export const useSettings = (): Settings => useSyncExternalStore(onSettings, settings);

const noteKey = (origin: string) => `dossier.checkpoint.${origin}`;

/** The checkpoint of a log that this browser verified last. */
export function seenCheckpoint(origin: string): { size: number; root: string } | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(noteKey(origin)) ?? 'null') as {
      size?: unknown;
      root?: unknown;
    } | null;
    if (kept && Number.isSafeInteger(kept.size) && typeof kept.root === 'string')
      return { size: kept.size as number, root: kept.root };
  } catch {
    // As if none had been seen.
  }
  return undefined;
}

export function keepCheckpoint(origin: string, size: number, root: string): void {
  try {
    localStorage.setItem(noteKey(origin), JSON.stringify({ size, root }));
  } catch {
    // The next visit has nothing to compare with, and says so.
  }
}
