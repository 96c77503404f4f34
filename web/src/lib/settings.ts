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
const defaults: Settings = {
  language: 'zh',
  theme: 'system',
  density: 'normal',
  away: false,
};

function load(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Settings>;
    return {
      language: kept.language === 'en' ? 'en' : defaults.language,
      theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'system',
      density: kept.density === 'roomy' || kept.density === 'tight' ? kept.density : 'normal',
      away: kept.away === true,
    };
  } catch {
    return defaults;
  }
}

let current = load();
const listeners = new Set<() => void>();

export const settings = (): Settings => current;

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(current));
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
