// A program has sent this browser here to be let act for whoever sits in front of it. The server has looked at what it asks
// for already, and looks once more at the answer; nobody is sent back by this page's own words.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import { LanguageSwitch } from '../../parts/language';
import { Brand } from '../../parts/marks';
import { Failed, Loading, Wrong } from '../../parts/states';
import { SignInForm } from '../../session/sign-in-form';
import { entered, useSession, useSessionState } from '../../session/store';
import { later } from '../../words';
import '../../styles/gate.css';

type Asks = components['schemas']['ProgramAsks'];
const Must = later(() => import('../me/must').then((m) => m.Must));

const names = [
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
] as const;

/** What the program sent, as it is. */
export function asks(search: string): Asks {
  const sent = new URLSearchParams(search);
  return Object.fromEntries(names.flatMap((name) => (sent.get(name) ? [[name, sent.get(name)]] : [])));
}

export function Authorize() {
  const state = useSessionState();
  if (state.at === 'in' && state.session.must)
    return (
      <Suspense fallback={<Loading />}>
        <Must what={state.session.must === 'second_factor' ? 'second_factor' : 'password'} />
      </Suspense>
    );
  return (
    <main className="gate">
      <div className="grow" style={{ width: '100%', maxWidth: 400, flex: 'none' }}>
        <div className="gate-box">
          <p className="brand">
            <Brand />
          </p>
          {state.at === 'in' ? <Question /> : state.at === 'asking' ? <Loading lines={3} /> : <First />}
        </div>
        <div style={{ display: 'flex', justifyContent: 'center', marginTop: 16 }}>
          <LanguageSwitch />
        </div>
      </div>
    </main>
  );
}

function First() {
  const { t } = useTranslation();
  return (
    <>
      <h1>{t('signIn.title')}</h1>
      <p className="quiet">{t('authorize.first')}</p>
      <SignInForm done={entered} />
    </>
  );
}

function Question() {
  const { t } = useTranslation();
  const { user } = useSession();
  const body = asks(window.location.search);
  const asked = useQuery({
    queryKey: ['program-asked'],
    queryFn: () => ask(api.POST('/v1/me/programs/asked', { body })),
    staleTime: 0,
    retry: false,
  });
  const answer = useMutation({
    mutationFn: (agree: boolean) =>
      ask(agree ? api.POST('/v1/me/programs', { body }) : api.POST('/v1/me/programs/refused', { body })),
    onSuccess: ({ to }) => window.location.assign(to),
  });
  if (asked.isError)
    return (
      <>
        <h1>{t('authorize.wrong')}</h1>
        <Failed problem={asked.error} retry={() => void asked.refetch()} />
      </>
    );
  if (!asked.data) return <Loading lines={3} />;
  const { name, back_to, may } = asked.data;
  const busy = answer.isPending || answer.isSuccess;
  return (
    <>
      <h1 className="called">{t('authorize.title', { name })}</h1>
      <p className="quiet">{t('authorize.as', { name: user.name })}</p>
      <h2 style={{ marginTop: 24 }}>{t('authorize.may')}</h2>
      {may.length === 0 ? (
        <p className="quiet">{t('authorize.nothing')}</p>
      ) : (
        <ul className="about" style={{ margin: '8px 0' }}>
          {may.map((one) => (
            <li key={one}>{t(`right.${one}`)}</li>
          ))}
        </ul>
      )}
      <p className="meta">{t('authorize.limits')}</p>
      <p className="meta" style={{ marginTop: 8, overflowWrap: 'anywhere' }}>
        {t('authorize.back', { to: back_to })}
      </p>
      <Wrong problem={answer.error} />
      <div className="stack" style={{ marginTop: 24 }}>
        <Button type="primary" size="large" block disabled={busy} onClick={() => answer.mutate(true)}>
          {t('authorize.agree')}
        </Button>
        <Button size="large" block disabled={busy} onClick={() => answer.mutate(false)}>
          {t('authorize.refuse')}
        </Button>
      </div>
    </>
  );
}
