// One's own sessions, password and second factor.
import DesktopOutlined from '@ant-design/icons/DesktopOutlined';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people } from '../../api/people';
import { Problem } from '../../api/problem';
import { When } from '../../parts/marks';
import { NewPassword, passwordFits } from '../../parts/password';
import { Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { ask, useSession } from '../../session/store';
import { Passkeys } from './passkeys';
import { OwnPrograms } from './programs';
import { Totp } from './totp';

export function MySecurity() {
  const { t } = useTranslation();
  const { totp } = useSession();
  const [open, setOpen] = useState<'password' | 'totp' | 'end-totp'>();
  const close = () => setOpen(undefined);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('me.security')}</h1>
      </header>
      <div className="page-body narrow">
        <Passkeys />
        <section className="section">
          <h2 className="section-head">{t('me.ways')}</h2>
          <dl className="facts-list">
            <div style={{ gridTemplateColumns: '1fr auto', padding: '8px 0', minHeight: 56 }}>
              <dt style={{ color: 'var(--text)' }}>
                {t('signIn.password')}
                <span className="meta" style={{ display: 'block' }}>
                  {t('me.passwordText')}
                </span>
              </dt>
              <dd>
                <Button onClick={() => setOpen('password')}>{t('password.change')}</Button>
              </dd>
            </div>
            <div style={{ gridTemplateColumns: '1fr auto', padding: '8px 0', minHeight: 56 }}>
              <dt style={{ color: 'var(--text)' }}>
                {t('totp.name')}
                <span className="meta" style={{ display: 'block' }}>
                  {t('totp.text')}
                </span>
              </dt>
              <dd className="ways">
                <Button onClick={() => setOpen('totp')}>{t(totp ? 'totp.again' : 'totp.begin')}</Button>
                {totp && (
                  <Button type="text" onClick={() => setOpen('end-totp')}>
                    {t('totp.end')}
                  </Button>
                )}
              </dd>
            </div>
          </dl>
        </section>
        <Sessions />
        <OwnPrograms />
      </div>
      {open === 'password' && <ChangePassword close={close} />}
      {open === 'totp' && (
        <Modal open title={t(totp ? 'totp.again' : 'totp.begin')} footer={null} onCancel={close} width={460}>
          <Totp
            done={() => {
              close();
              toast(t('totp.done'));
              void ask();
            }}
          />
        </Modal>
      )}
      {open === 'end-totp' && <EndTotp close={close} />}
    </div>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const sessions = useQuery({ queryKey: ['my-sessions'], queryFn: people.sessions, staleTime: 0 });
  // One of them, or all others.
  const [ending, setEnding] = useState<{ id?: string }>();
  const items = sessions.data?.items ?? [];
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('me.sessions')}</h2>
        {items.length > 1 && (
          <Button className="actions" size="small" onClick={() => setEnding({})}>
            {t('me.endOthers')}
          </Button>
        )}
      </div>
      {sessions.isError ? (
        <Failed problem={sessions.error} retry={() => void sessions.refetch()} />
      ) : !sessions.data ? (
        <Loading lines={2} />
      ) : (
        <ul className="about">
          {items.map((one) => (
            <li key={one.id} className="row" style={{ gap: 16, minHeight: 60, borderBottom: '1px solid var(--line)' }}>
              <DesktopOutlined style={{ fontSize: 18, color: 'var(--text-3)' }} />
              <span className="grow">
                <span style={{ display: 'block' }}>
                  {one.agent || t('me.unknownAgent')}{' '}
                  {one.current && (
                    <span className="tag good">
                      <i className="dot" /> {t('me.this')}
                    </span>
                  )}
                </span>
                <span className="meta">
                  {one.address} · {t('me.used')} <When at={one.used_at} />
                </span>
              </span>
              {!one.current && (
                <Button size="small" onClick={() => setEnding({ id: one.id })}>
                  {t('me.end')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {ending && <EndSessions id={ending.id} close={() => setEnding(undefined)} done={() => void sessions.refetch()} />}
    </section>
  );
}

function EndSessions({ id, close, done }: { id: string | undefined; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  return (
    <Confirm
      title={t(id ? 'me.end' : 'me.endOthers')}
      text={t(id ? 'me.endText' : 'me.endOthersText')}
      act={(password) => (id ? people.endSession(id, password) : people.endOthers(password))}
      close={close}
      done={() => {
        toast(t('me.ended'));
        done();
      }}
    />
  );
}

export function ChangePasswordForm({ done }: { done: () => void }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({ mutationFn: () => people.changePassword({ current, new: next }), onSuccess: done });
  const problem = change.error instanceof Problem ? change.error : undefined;
  const about = problem?.kind.startsWith('password_')
    ? problem.kind === 'password_wrong'
      ? 'current'
      : 'new'
    : undefined;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <div className="field">
        <label htmlFor="current-password">{t('password.current')}</label>
        <Input.Password
          id="current-password"
          size="large"
          autoFocus
          autoComplete="current-password"
          status={about === 'current' ? 'error' : ''}
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        {about === 'current' && (
          <span className="wrong" role="alert">
            {t('password.wrong')}
          </span>
        )}
      </div>
      <NewPassword
        id="new-password"
        value={next}
        change={setNext}
        wrong={about === 'new' ? (problem?.body.errors?.[0]?.detail ?? problem?.body.detail) : undefined}
      />
      {!about && <Wrong problem={change.error} />}
      <p className="meta">{t('password.others')}</p>
      <Button
        type="primary"
        size="large"
        htmlType="submit"
        loading={change.isPending}
        disabled={!current || !passwordFits(next)}
      >
        {t('password.do')}
      </Button>
    </form>
  );
}

function ChangePassword({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open title={t('password.change')} footer={null} onCancel={close} width={440}>
      <ChangePasswordForm
        done={() => {
          close();
          toast(t('password.done'));
          void ask();
        }}
      />
    </Modal>
  );
}

function EndTotp({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Confirm
      title={t('totp.end')}
      text={t('totp.endText')}
      act={(password) => people.endTotp(password)}
      close={close}
      done={() => {
        toast(t('totp.ended'));
        void ask();
      }}
    />
  );
}

/** What takes the password once more. */
function Confirm({
  title,
  text,
  act,
  close,
  done,
}: {
  title: string;
  text: string;
  act: (password: string) => Promise<unknown>;
  close: () => void;
  done: () => void;
}) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const confirm = useMutation({
    mutationFn: () => act(password),
    onSuccess: () => {
      close();
      done();
    },
  });
  const problem = confirm.error instanceof Problem ? confirm.error : undefined;
  const wrong = problem?.kind === 'password_wrong' ? t('password.wrong') : undefined;
  return (
    <Modal
      open
      title={title}
      onCancel={close}
      okText={title}
      cancelText={t('do.cancel')}
      okButtonProps={{ htmlType: 'submit', form: 'confirm', disabled: !password, loading: confirm.isPending }}
      width={440}
    >
      <form
        id="confirm"
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate();
        }}
      >
        <p>{text}</p>
        <div className="field">
          <label htmlFor="confirm-password">{t('signIn.password')}</label>
          <Input.Password
            id="confirm-password"
            autoFocus
            autoComplete="current-password"
            status={wrong ? 'error' : ''}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {wrong && (
            <span className="wrong" role="alert">
              {wrong}
            </span>
          )}
        </div>
        {!wrong && <Wrong problem={confirm.error} />}
      </form>
    </Modal>
  );
}
