// The session's limits as the reader meets them: a banner two minutes before, then a lock. Behind it nothing is left of what
// was read, but where somebody was typing, and there for a quarter of an hour.
import { Button } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from '../api/queries';
import { clock } from '../lib/format';
import { toast } from '../parts/toasts';
import { Brand } from '../parts/marks';
import { SignInForm } from './sign-in-form';
import { anyUnsaved, ask, entered, forget, lock, signOut, useSessionState } from './store';

const warning = 120_000;

/** Milliseconds until the session ends, and whether asking for more can put that off. */
export function remaining(session: { idle_seconds: number; ends_at: string }, usedAt: number, now: number) {
  const idle = usedAt + session.idle_seconds * 1000 - now;
  const whole = Date.parse(session.ends_at) - now;
  return { left: Math.min(idle, whole), movable: idle < whole };
}

export function Guard({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const state = useSessionState();
  const [left, setLeft] = useState(Infinity);
  const [movable, setMovable] = useState(true);
  const [typed, setTyped] = useState(false);

  useEffect(() => {
    if (state.at === 'locked' && state.keptUntil !== undefined) {
      const until = state.keptUntil;
      const timer = setInterval(() => Date.now() >= until && forget(), 1000);
      return () => clearInterval(timer);
    }
    if (state.at !== 'in') return;
    const look = () => {
      const now = remaining(state.session, state.usedAt, Date.now());
      setLeft(now.left);
      setMovable(now.movable);
      setTyped(anyUnsaved());
      if (now.left <= 0) lock();
    };
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [state]);

  const locked = state.at === 'locked';
  const keptUntil = state.at === 'locked' ? state.keptUntil : undefined;
  const gone = locked && keptUntil === undefined;
  // The screens are gone by now, and with them whoever would ask for an answer again.
  useEffect(() => {
    if (gone) queryClient.clear();
  }, [gone]);
  useEffect(() => {
    if (locked) document.querySelector<HTMLInputElement>('.locked input')?.focus();
  }, [locked]);

  const seconds = Math.max(0, Math.ceil(left / 1000));
  return (
    <>
      <div hidden={locked} style={{ display: locked ? 'none' : 'contents' }}>
        {gone ? null : children}
      </div>
      {state.at === 'in' && left <= warning && left > 0 && (
        <div className="session-banner appear" role="alertdialog" aria-label={t('session.ending')}>
          <span>
            {t(`session.${movable ? 'idleEnds' : 'wholeEnds'}${typed ? 'Kept' : ''}`, {
              time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`,
            })}
          </span>
          {movable && (
            <Button type="primary" onClick={() => void ask().catch(() => toast(t('state.network')))}>
              {t('session.stay')}
            </Button>
          )}
        </div>
      )}
      {locked && (
        <div className="locked" role="dialog" aria-modal="true" aria-label={t('session.locked')}>
          <div className="gate-box">
            <p className="brand">
              <Brand />
            </p>
            <h1>{t('session.locked')}</h1>
            <p className="quiet">
              {t(keptUntil === undefined ? 'session.lockedText' : 'session.lockedKept', {
                name: state.session.user.name,
                time: keptUntil === undefined ? '' : clock(new Date(keptUntil)),
              })}
            </p>
            <SignInForm name={state.session.user.name} done={entered} />
            <p className="gate-foot">
              <button type="button" className="plain" onClick={() => void signOut()}>
                <span style={{ color: 'var(--link)' }}>{t('session.other')}</span>
              </button>
            </p>
          </div>
        </div>
      )}
    </>
  );
}
