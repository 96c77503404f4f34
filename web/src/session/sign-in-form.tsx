// A passkey; or name, password, and the code where the person has one. One message whatever was wrong; a wait is counted down.
import { Button, Input } from 'antd';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { people, type Session } from '../api/people';
import { Problem } from '../api/problem';
import { passkeys } from '../lib/passkey';
import { NoPasskeys, PasskeyWrong } from '../parts/passkey';

export function SignInForm({ name: given, done }: { name?: string; done: (session: Session) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(given ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [wantsCode, setWantsCode] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [wait, setWait] = useState(0);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const attempt = async (signIn: () => Promise<Session>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      done(await signIn());
    } catch (error) {
      if (error instanceof Problem && error.kind === 'code_required') setWantsCode(true);
      else {
        setProblem(error);
        setCode('');
        if (error instanceof Problem && error.status === 429) setWait(error.retryAfter ?? 30);
      }
    } finally {
      setBusy(false);
    }
  };

  const send = async (event: FormEvent) => {
    event.preventDefault();
    // What is still empty gets the focus.
    const empty = [...(event.target as HTMLFormElement).querySelectorAll('input')].find((input) => !input.value.trim());
    if (empty) {
      empty.focus();
      return;
    }
    await attempt(() => people.signIn({ name: name.trim(), password, ...(wantsCode ? { code: code.trim() } : {}) }));
  };

  const byPasskey = passkeys() === 'here';
  return (
    <form onSubmit={(event) => void send(event)} method="post" action="/sign-in">
      {byPasskey && (
        <>
          <Button
            type="primary"
            size="large"
            block
            disabled={busy || wait > 0}
            onClick={() => void attempt(() => people.signInByPasskey(name.trim() || undefined))}
          >
            {t('passkey.signIn')}
          </Button>
          <p className="or">{t('passkey.orPassword')}</p>
        </>
      )}
      {!given && (
        <div className="field">
          <label htmlFor="sign-in-name">{t('signIn.name')}</label>
          <Input
            id="sign-in-name"
            size="large"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
      )}
      <div className="field">
        <label htmlFor="sign-in-password">{t('signIn.password')}</label>
        <Input.Password
          id="sign-in-password"
          size="large"
          autoComplete="current-password"
          autoFocus={Boolean(given)}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </div>
      {wantsCode && (
        <div className="field">
          <label htmlFor="sign-in-code">{t('signIn.code')}</label>
          <Input
            id="sign-in-code"
            size="large"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={6}
            autoFocus
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
          <span className="hint">{t('signIn.codeHint')}</span>
        </div>
      )}
      <PasskeyWrong problem={problem} />
      {problem instanceof Problem && problem.kind === 'passkey_required' && <NoPasskeys />}
      <Button
        type={byPasskey ? 'default' : 'primary'}
        size="large"
        htmlType="submit"
        loading={busy}
        disabled={wait > 0}
      >
        {wait > 0 ? t('signIn.wait', { seconds: wait }) : t('signIn.do')}
      </Button>
    </form>
  );
}
