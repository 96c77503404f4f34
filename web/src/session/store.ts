// The session as a small state machine outside of React, because requests anywhere may end it.
import { useEffect, useSyncExternalStore } from 'react';
import { setCsrf, watchSession } from '../api/client';
import { people, type Right, type Session } from '../api/people';
import { Problem } from '../api/problem';

export type State =
  | { at: 'asking' }
  | { at: 'out'; why?: Problem | undefined }
  | { at: 'in'; session: Session; usedAt: number }
  // The session ended, or nobody was here for too long: what was on the page is gone. Where somebody was typing it is kept
  // until then, and hidden.
  | { at: 'locked'; session: Session; keptUntil: number | undefined }
  | { at: 'failed'; problem: Problem };

let state: State = { at: 'asking' };
const listeners = new Set<() => void>();
const leaving = new Set<() => void>();
const unsaved = new Set<symbol>();

/** How long a page on which somebody was typing stays behind the lock. */
export const keepFor = 15 * 60_000;

function become(next: State): void {
  state = next;
  listeners.forEach((listener) => listener());
}

export const sessionState = (): State => state;
export const useSessionState = (): State =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, sessionState);

/** The session; only what stands inside the signed-in part of the page may ask. */
export function useSession(): Session {
  const now = useSessionState();
  if (now.at === 'in' || now.at === 'locked') return now.session;
  throw new Error('no session');
}

export function useMay(): (right: Right) => boolean {
  const session = useSession();
  return (right) => session.may.includes(right);
}

/** Called when values have to go from the page: locking, signing out. */
export const onLeaving = (listener: () => void) => {
  leaving.add(listener);
  return () => {
    leaving.delete(listener);
  };
};

/** Tells that something was typed which is saved nowhere yet. */
export function useUnsaved(typed: boolean): void {
  useEffect(() => (typed ? isUnsaved() : undefined), [typed]);
}

export function isUnsaved(): () => void {
  const one = Symbol('unsaved');
  unsaved.add(one);
  return () => {
    unsaved.delete(one);
  };
}

export const anyUnsaved = (): boolean => unsaved.size > 0;

export function entered(session: Session): void {
  if (state.at === 'locked' && state.session.user.id !== session.user.id) {
    // Somebody else: what was kept is not theirs.
    window.location.assign('/');
    return;
  }
  setCsrf(session.csrf);
  become({ at: 'in', session, usedAt: Date.now() });
}

export function lock(): void {
  if (state.at !== 'in') return;
  leaving.forEach((listener) => listener());
  const keptUntil = anyUnsaved() ? Date.now() + keepFor : undefined;
  become({ at: 'locked', session: state.session, keptUntil });
}

/** Nothing of the page is kept any longer. */
export function forget(): void {
  if (state.at === 'locked') become({ ...state, keptUntil: undefined });
}

export async function ask(): Promise<void> {
  try {
    entered(await people.session());
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(0, {});
    if (problem.status === 401) {
      if (state.at === 'asking' || state.at === 'failed') become({ at: 'out' });
    } else become({ at: 'failed', problem });
  }
}

export async function signOut(): Promise<void> {
  leaving.forEach((listener) => listener());
  try {
    await people.signOut();
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
  }
  setCsrf('');
  // A fresh page: nothing of what was read stays in memory.
  window.location.assign('/sign-in');
}

watchSession(
  () => {
    if (state.at === 'in') lock();
  },
  () => {
    if (state.at === 'in') state.usedAt = Date.now();
  },
);
