// Keys of the page. While somebody composes 拼音, or types into something, they mean nothing here.
import { useEffect } from 'react';

export const composing = (event: { isComposing?: boolean; keyCode?: number; nativeEvent?: KeyboardEvent }): boolean => {
  const native = event.nativeEvent ?? (event as KeyboardEvent);
  return native.isComposing || native.keyCode === 229;
};

export const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !(target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type));

/** Space and Enter belong to whatever has the focus and is worked by them. */
const pressable = (event: KeyboardEvent): boolean =>
  (event.key === ' ' || event.key === 'Enter') &&
  event.target instanceof Element &&
  event.target.closest('a, button, summary, label, input, [role="combobox"], [role="option"]') !== null;

/** Whether a dialog lies over the page: its keys are not the page's. */
export const covered = (): boolean => document.querySelector('[role="dialog"][aria-modal="true"]') !== null;

/** `keys`: `k`, `?`, `mod+k`, or two in a row: `g d`. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  useEffect(() => {
    let first = '';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const down = (event: KeyboardEvent) => {
      if (composing(event) || event.defaultPrevented) return;
      const mod = event.metaKey || event.ctrlKey;
      const key = event.key.toLowerCase();
      const name = mod ? `mod+${key}` : key;
      if (!mod && (typing(event.target) || event.altKey || covered() || pressable(event))) return;
      const act = keys[first && !mod ? `${first} ${name}` : name];
      clearTimeout(timer);
      first = '';
      if (act) {
        event.preventDefault();
        act(event);
      } else if (Object.keys(keys).some((one) => one.startsWith(`${name} `))) {
        first = name;
        timer = setTimeout(() => (first = ''), 1000);
      }
    };
    document.addEventListener('keydown', down);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', down);
    };
  });
}

export const mod = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl';
