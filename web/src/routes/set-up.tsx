// A one-time link: the first administrator, an invitation, or a new password. The token stands behind # and goes from the
// address as soon as it is read.
import { useNavigate } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { people } from '../api/people';
import { Problem } from '../api/problem';
import { LanguageSwitch } from '../parts/language';
import { Brand } from '../parts/marks';
import { NewPassword, passwordFits } from '../parts/password';
import { Loading, Wrong } from '../parts/states';
import { entered } from '../session/store';

type Look = Awaited<ReturnType<typeof people.lookSetUp>>;

const given = window.location.pathname === '/set-up' ? decodeURIComponent(window.location.hash.slice(1)) : '';
if (given) window.history.replaceState(window.history.state, '', '/set-up');

export function SetUp() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [look, setLook] = useState<Look>();
  const [problem, setProblem] = useState<unknown>();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (!given) {
      setProblem(new Problem(404, { detail: t('setUp.noLink') }));
      return;
    }
    people.lookSetUp(given).then(setLook, setProblem);
    // Looked at once; a change of the language asks no second time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const body =
        look?.purpose === 'first' ? { token: given, name: name.trim(), password } : { token: given, password };
      entered(await people.setUp(body));
      await navigate({ to: '/' });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  const wrong = problem instanceof Problem && problem.kind.startsWith('password_') ? problem.body.detail : undefined;
  return (
    <main className="gate">
      <div style={{ width: '100%', maxWidth: 400 }}>
        <div className="gate-box">
          <p className="brand">
            <Brand />
          </p>
          {!look && !problem && <Loading lines={3} />}
          {!look && Boolean(problem) && (
            <>
              <h1>{t('setUp.unknown')}</h1>
              <div style={{ marginTop: 16 }}>
                <Wrong problem={problem} />
              </div>
            </>
          )}
          {look && (
            <>
              <h1>{t(`setUp.${look.purpose}`)}</h1>
              <p className="quiet">
                {look.purpose === 'first'
                  ? t('setUp.firstText')
                  : t('setUp.forName', { name: look.name, role: (look.roles ?? []).join(t('state.between')) })}
              </p>
              <form onSubmit={(event) => void send(event)}>
                {look.purpose === 'first' ? (
                  <div className="field">
                    <label htmlFor="set-up-name">{t('setUp.name')}</label>
                    <Input
                      id="set-up-name"
                      size="large"
                      autoComplete="username"
                      autoFocus
                      value={name}
                      onChange={(event) => setName(event.target.value)}
                    />
                    <span className="hint">{t('setUp.nameHint')}</span>
                  </div>
                ) : (
                  <input type="text" autoComplete="username" value={look.name ?? ''} readOnly hidden />
                )}
                <NewPassword id="set-up-password" value={password} change={setPassword} wrong={wrong} />
                {!wrong && <Wrong problem={problem} />}
                <Button
                  type="primary"
                  size="large"
                  htmlType="submit"
                  loading={busy}
                  disabled={!passwordFits(password) || (look.purpose === 'first' && !name.trim())}
                >
                  {t('setUp.do')}
                </Button>
              </form>
            </>
          )}
        </div>
        <p className="gate-foot">
          <LanguageSwitch />
        </p>
      </div>
    </main>
  );
}
