import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Session } from '../src/api/people';

vi.stubGlobal('navigator', { languages: ['zh-CN'] });
const { entered, forget, isUnsaved, keepFor, lock, onLeaving, sessionState } = await import('../src/session/store');

const of = (id: string) => ({ user: { id }, csrf: 'c' }) as Session;

describe('a session that ends', () => {
  const assign = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000 });
    vi.stubGlobal('window', { location: { assign } });
    entered(of('usr_a'));
  });
  afterEach(() => {
    forget();
    entered(of('usr_a'));
    assign.mockClear();
    vi.useRealTimers();
  });

  test('keeps nothing where nobody was typing', () => {
    const told = vi.fn();
    const off = onLeaving(told);
    lock();
    off();
    expect(told).toHaveBeenCalledTimes(1);
    expect(sessionState()).toMatchObject({ at: 'locked', keptUntil: undefined });
  });

  test('keeps what was being typed for a quarter of an hour, and nothing that was saved', () => {
    const saved = isUnsaved();
    lock();
    expect(sessionState()).toMatchObject({ at: 'locked', keptUntil: 1_000 + keepFor });
    forget();
    expect(sessionState()).toMatchObject({ at: 'locked', keptUntil: undefined });
    entered(of('usr_a'));
    saved();
    lock();
    expect(sessionState()).toMatchObject({ at: 'locked', keptUntil: undefined });
    expect(keepFor).toBe(900_000);
  });

  test('goes on for the same person alone; for somebody else the page begins anew', () => {
    lock();
    entered(of('usr_b'));
    expect(sessionState()).toMatchObject({ at: 'locked', session: { user: { id: 'usr_a' } } });
    expect(assign).toHaveBeenCalledWith('/');
    entered(of('usr_a'));
    expect(sessionState()).toMatchObject({ at: 'in', session: { user: { id: 'usr_a' } } });
  });
});
