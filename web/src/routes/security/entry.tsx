// One entry in full, its proof checked here, and what the same person did around it.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { kindsQuery } from '../../api/queries';
import { Failed, Loading } from '../../parts/states';
import { exact, label } from '../../lib/format';
import type { Entry } from '../../lib/verify';
import { Side } from '../../parts/side';
import { useMay } from '../../session/store';
import { ExportEvidence } from './evidence';
import { MovedRules } from './moved';
import { Outcome } from './ledger';
import { aroundQuery } from './query';
import { Verdict } from './verdict';
import { verifyPage, type Verification } from './verification';

const isRequest = /^apr_[0-9a-z]{26}$/;

export function EntryDrawer({
  entry,
  log,
  open,
  close,
}: {
  entry: Entry;
  log: string;
  open: (id: string) => void;
  close: () => void;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const kinds = useQuery({ ...kindsQuery, enabled: may('read') });
  const [state, setState] = useState<Verification>();
  const named = (name: string) => {
    for (const kind of kinds.data?.items ?? []) {
      const field = kind.fields.find((one) => one.name === name);
      if (field) return label(field.label);
    }
    return name;
  };
  const facts: [string, React.ReactNode][] = [
    [t('ledger.at'), exact(entry.at)],
    [
      t('ledger.who'),
      <span key="who" className="row wrap" style={{ gap: 8 }}>
        {entry.who}
        {entry.who_id !== entry.who && <code className="meta">{entry.who_id}</code>}
      </span>,
    ],
    [t('ledger.action'), t(`deed.${entry.action}`)],
    [t('ledger.outcome'), <Outcome key="outcome" entry={entry} />],
    ...(entry.code ? [[t('ledger.code'), <code key="code">{entry.code}</code>] as [string, React.ReactNode]] : []),
    ...(entry.purpose ? [[t('reveal.purpose'), entry.purpose] as [string, React.ReactNode]] : []),
    [t('ledger.from'), entry.address ?? '—'],
    [t('ledger.request'), entry.request ? <code key="request">{entry.request}</code> : '—'],
    ...(typeof entry.note.difference === 'string'
      ? [[t('ledger.moved'), <MovedRules key="moved" text={entry.note.difference} />] as [string, React.ReactNode]]
      : []),
    ...Object.entries(entry.note)
      .filter(([name]) => name !== 'difference')
      .map(
        ([name, value]) =>
          [
            name,
            isRequest.test(String(value)) ? (
              <Link key={name} to="/approvals/$id" params={{ id: String(value) }}>
                <code>{String(value)}</code>
              </Link>
            ) : (
              <code key={name} className="note-value">
                {String(value)}
              </code>
            ),
          ] as [string, React.ReactNode],
      ),
  ];
  return (
    <Side
      title={
        <span className="row">
          <code>{entry.id}</code>
        </span>
      }
      close={close}
      wide
      extra={
        <span className="row small">
          <ExportEvidence entries={[entry]} />
          <Button onClick={() => void verifyPage(log, [entry], setState)} loading={state?.at === 'running'}>
            {t('ledger.verifyOne')}
          </Button>
        </span>
      }
    >
      {state && state.at !== 'running' && (
        <div style={{ margin: '-8px 0 16px' }} className="in-drawer">
          <Verdict state={state} open={open} />
        </div>
      )}
      <dl className="facts-list">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {entry.records.length > 0 && (
        <section className="section" style={{ marginTop: 24 }}>
          <h2>{t('ledger.recordsTitle', { n: entry.records.length })}</h2>
          <ul className="about">
            {entry.records.slice(0, 50).map((one) => (
              <li key={one.id}>
                <p className="row between">
                  {may('read') ? (
                    <Link to="/dossiers/$id" params={{ id: one.id }} disabled={!one.id.startsWith('dos_')}>
                      <code>{one.id}</code>
                    </Link>
                  ) : (
                    <code>{one.id}</code>
                  )}
                  <span className="meta">{t('history.version', { n: one.version })}</span>
                </p>
                <p className="row wrap" style={{ gap: 4 }}>
                  {Object.entries(one.fields).map(([name, form]) => (
                    <span key={name} className="tag">
                      {named(name)} · {t(`form.${form}`)}
                    </span>
                  ))}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Around entry={entry} log={log} open={open} />
    </Side>
  );
}

/** Asked for when somebody wants it: it is an entry of its own. */
function Around({ entry, log, open }: { entry: Entry; log: string; open: (id: string) => void }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const around = useQuery({ ...aroundQuery(entry, log), enabled: wanted });
  return (
    <section className="section" style={{ marginTop: 24 }}>
      <div className="row between">
        <h2>{t('ledger.around')}</h2>
        {!wanted && <Button onClick={() => setWanted(true)}>{t('ledger.aroundShow')}</Button>}
      </div>
      {wanted && around.isPending && <Loading lines={4} />}
      {around.isError && <Failed problem={around.error} retry={() => void around.refetch()} />}
      <ul className="about">
        {around.data?.items.map((one) => (
          <li key={one.id} className="row between">
            <button type="button" className="plain" onClick={() => open(one.id)} aria-current={one.id === entry.id}>
              <code>{one.id}</code> {t(`deed.${one.action}`)}
            </button>
            <span className="meta">{exact(one.at).slice(11, 19)}</span>
          </li>
        ))}
      </ul>
      {around.data?.before && <p className="meta">{t('ledger.aroundMore', { n: around.data.items.length })}</p>}
    </section>
  );
}
