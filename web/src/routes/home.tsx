// The desk: what waits, how complete the dossiers are, and what of one's own looks is counted.
import CheckCircleOutlined from '@ant-design/icons/CheckCircleOutlined';
import RightOutlined from '@ant-design/icons/RightOutlined';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../api/client';
import { importsQuery, keptQualityQuery, kindsQuery, workOutQuality } from '../api/queries';
import { absolute, count, label } from '../lib/format';
import { useSettings } from '../lib/settings';
import { Icon } from '../parts/icons';
import { When } from '../parts/marks';
import { Failed, Loading } from '../parts/states';
import { useMay, useSession } from '../session/store';
import { HandOvers } from './hand-overs';
import { later } from '../words';
import './home.css';

const FirstRun = later(() => import('./first-run').then((m) => m.FirstRun));

export function Home() {
  const { t } = useTranslation();
  const session = useSession();
  const may = useMay();
  const { away } = useSettings();
  const starting = !session.demo && !away && may('manage_access') && may('manage_keys');
  const hour = new Date().getHours();
  const part = hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.home')}</h1>
      </header>
      <div className="page-body narrow">
        <div className="hello">
          <p className="figure">{t(`home.${part}`, { name: session.user.name })}</p>
          <p className="quiet">
            {session.last_sign_in
              ? t(session.last_sign_in.address ? 'home.lastSignIn' : 'home.lastSignInHere', {
                  at: absolute(session.last_sign_in.at),
                  address: session.last_sign_in.address,
                })
              : t('home.firstSignIn')}
          </p>
        </div>
        {starting && (
          <Suspense fallback={<Loading lines={4} />}>
            <FirstRun />
          </Suspense>
        )}
        <Todo starting={starting} />
        <HandOvers />
        {may('read') && <Completeness />}
        <section className="section">
          <h2 className="section-head">{t('home.start')}</h2>
          <ul className="starts">
            {may('find') && <Start to="/search" icon="find" title={t('home.find')} text={t('home.findText')} />}
            {may('create') && <Start to="/dossiers/new" icon="new" title={t('list.new')} text={t('home.newText')} />}
            {may('import') && (
              <Start to="/imports/new" icon="imports" title={t('home.import')} text={t('home.importText')} />
            )}
            {may('read_ledger') && (
              <Start to="/security/ledger" icon="ledger" title={t('home.ledger')} text={t('home.ledgerText')} />
            )}
          </ul>
        </section>
      </div>
    </div>
  );
}

function Start({
  to,
  icon,
  title,
  text,
}: {
  to: string;
  icon: 'find' | 'new' | 'imports' | 'ledger';
  title: string;
  text: string;
}) {
  return (
    <li>
      <Link to={to}>
        <Icon of={icon} />
        <span className="grow">
          <b>{title}</b>
          <span className="meta">{text}</span>
        </span>
        <RightOutlined aria-hidden="true" />
      </Link>
    </li>
  );
}

/** What waits for this person: rows to mend or to decide on, and keys that are due. */
function Todo({ starting }: { starting: boolean }) {
  const { t } = useTranslation();
  const may = useMay();
  const session = useSession();
  const imports = useQuery({ ...importsQuery, enabled: may('import') });
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => ask(api.GET('/v1/keys')), enabled: may('manage_keys') });
  if ((may('import') && imports.isPending) || (may('manage_keys') && keys.isPending)) return <Loading lines={2} />;
  const waiting = (imports.data?.items ?? []).filter(
    (one) =>
      ['uploaded', 'ready', 'running', 'failed', 'undoing'].includes(one.state) ||
      (one.state === 'done' && (one.rejected > 0 || (one.duplicates === 'review' && one.duplicate > 0))),
  );
  // While the first steps are shown they say what is left.
  const sheets = !starting && !session.demo && keys.data && keys.data.recovery.state !== 'confirmed';
  const nothing = waiting.length === 0 && !keys.data?.rotation_due && !sheets;
  if (starting && nothing && !imports.isError) return null;
  return (
    <section className="section">
      <h2 className="section-head">{t('home.todo')}</h2>
      {imports.isError && <Failed problem={imports.error} retry={() => void imports.refetch()} />}
      {nothing ? (
        <p className="notice">
          <CheckCircleOutlined style={{ color: 'var(--success)' }} />
          {t('home.nothing')}
        </p>
      ) : (
        <ul className="starts">
          {waiting.map((one) => (
            <li key={one.id}>
              <Link to="/imports/$id" params={{ id: one.id }}>
                <Icon of="imports" />
                <span className="grow">
                  <b>{one.name}</b>
                  <span className="meta">
                    {one.rejected > 0 ? t('home.toMend', { n: count(one.rejected) }) : t(`import.state.${one.state}`)}
                  </span>
                </span>
                <RightOutlined aria-hidden="true" />
              </Link>
            </li>
          ))}
          {keys.data?.rotation_due && (
            <KeysDo title={t('home.rotate')} text={t('keys.age', { n: keys.data.tenant_age_days })} />
          )}
          {sheets && <KeysDo title={t('home.sheets')} text={t('home.sheetsText')} />}
        </ul>
      )}
    </section>
  );
}

function KeysDo({ title, text }: { title: string; text: string }) {
  return (
    <li>
      <Link to="/settings/keys">
        <Icon of="keys" />
        <span className="grow">
          <b>{title}</b>
          <span className="meta">{text}</span>
        </span>
        <RightOutlined aria-hidden="true" />
      </Link>
    </li>
  );
}

function Completeness() {
  const { t } = useTranslation();
  // Every dossier is opened for it: worked out for whoever wants it, not for everybody who comes in.
  const quality = useQuery(keptQualityQuery);
  const workOut = useMutation({ mutationFn: () => workOutQuality(false) });
  const kinds = useQuery({ ...kindsQuery, enabled: Boolean(quality.data) });
  const fields = kinds.data?.items[0]?.fields;
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('quality.title')}</h2>
        {quality.data && (
          <span className="meta">
            {t('quality.asOf')} <When at={quality.data.as_of} />
          </span>
        )}
        <Link className="actions" to="/quality">
          {t('quality.all')}
        </Link>
      </div>
      {quality.isError ? (
        <Failed problem={quality.error} retry={() => void quality.refetch()} />
      ) : workOut.isError ? (
        <Failed problem={workOut.error} retry={() => workOut.mutate()} />
      ) : quality.isPending || workOut.isPending ? (
        <Loading lines={2} />
      ) : !quality.data ? (
        <p className="notice">
          <span className="grow">{t('quality.notYet')}</span>
          <Button onClick={() => workOut.mutate()}>{t('quality.workOut')}</Button>
        </p>
      ) : (
        <div className="figures">
          <div>
            <p className="figure">{quality.data.percent}%</p>
            <p className="meta">{t('quality.complete')}</p>
          </div>
          <div>
            <p className="figure">{count(quality.data.records)}</p>
            <p className="meta">{t('quality.records')}</p>
          </div>
          <div className="grow">
            <p className="weakest">
              {quality.data.missing[0]
                ? label(
                    fields?.find((one) => one.name === quality.data.missing[0]?.field)?.label ?? { zh: '—', en: '—' },
                  )
                : '—'}
            </p>
            <p className="meta">
              {quality.data.missing[0]
                ? t('quality.weakest', { n: count(quality.data.missing[0].records) })
                : t('quality.noneMissing')}
            </p>
          </div>
        </div>
      )}
    </section>
  );
}
