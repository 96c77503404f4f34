// The ledger: newest first, read in pages because reading it is itself recorded; verified in this browser on demand.
import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import SafetyCertificateOutlined from '@ant-design/icons/SafetyCertificateOutlined';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { count, exact } from '../../lib/format';
import { usePhone } from '../../lib/phone';
import type { Entry } from '../../lib/verify';
import { Empty, Failed, Loading } from '../../parts/states';
import type { LedgerSearch } from '../../router';
import { EntryDrawer } from './entry';
import { ExportEvidence } from './evidence';
import { LedgerFilters } from './filters';
import { entryQuery, filtersOf, isFiltered, logOf, pagesQuery, size, unfiltered } from './query';
import { Verdict } from './verdict';
import { verifyPage, type Verification } from './verification';
import '../../styles/table.css';
import './ledger.css';

export function Ledger() {
  const { t } = useTranslation();
  const phone = usePhone();
  const navigate = useNavigate();
  const { entry: asked } = useParams({ strict: false }) as { entry?: string };
  const search: LedgerSearch = useSearch({ strict: false });
  const log = logOf(asked) ?? search.log ?? 'change';
  const filters = filtersOf(search);
  const pages = useInfiniteQuery(pagesQuery(log, filters));
  const known = useQueryClient();
  const [state, setState] = useState<Verification>();
  const [verifying, setVerifying] = useState(false);
  const [badRecord, setBadRecord] = useState(false);

  const all = pages.data?.pages;
  const last = all?.at(-1);
  const entries = useMemo(() => (all ?? []).flatMap((page) => [...page.items].reverse()), [all]);
  const loaded = entries.find((one) => one.id === asked);
  // Who comes by a link may want an entry that is not among those.
  const alone = useQuery({ ...entryQuery(asked ?? '', log), enabled: Boolean(asked && all && !loaded) });
  const chosen = loaded ?? alone.data?.items.find((one) => one.id === asked);
  // An entry says itself which log it is of.
  const open = (id: string) =>
    void navigate({
      to: '/security/ledger/$entry',
      params: { entry: id },
      search: { ...search, log: undefined },
      resetScroll: false,
    });
  const list = (next: Partial<LedgerSearch>, resetScroll: boolean) => {
    const of = next.log ?? log;
    const kept = { ...search, ...next, log: of === 'change' ? undefined : of };
    void navigate({ to: '/security/ledger', search: kept, resetScroll });
  };
  const change = (next: Partial<LedgerSearch>) => {
    setState(undefined);
    setBadRecord(false);
    list(next.log ? { ...unfiltered, ...next } : next, true);
  };

  const verify = async () => {
    setVerifying(true);
    await verifyPage(log, entries, setState);
    setVerifying(false);
  };
  const good = state?.at === 'good' ? state.ids : undefined;
  const wrong = state?.at === 'bad' ? state.entry : undefined;
  const reached = last?.reached
    ? t('ledger.reached', { at: exact(last.reached.at).slice(0, 19), id: last.reached.id })
    : '';
  const further = (
    <Button onClick={() => void pages.fetchNextPage()} loading={pages.isFetchingNextPage}>
      {last?.items.length === size ? t('ledger.earlier') : t('ledger.further')}
    </Button>
  );
  return (
    <div className="page table-page">
      <header className="page-head">
        <h1>{t('nav.ledger')}</h1>
        <div className="actions">
          <ExportEvidence entries={entries} />
          <Button
            type="primary"
            icon={<SafetyCertificateOutlined />}
            loading={verifying}
            disabled={entries.length === 0}
            onClick={() => void verify()}
          >
            {t('ledger.verify')}
          </Button>
        </div>
      </header>
      <div className="tools">
        <LedgerFilters
          log={log}
          search={search}
          entries={entries}
          change={change}
          wrong={badRecord}
          setWrong={setBadRecord}
        />
        <span className="grow" />
        <span className="meta">
          {isFiltered(filters)
            ? t('ledger.found', { n: count(entries.length) })
            : t('ledger.loaded', { n: count(entries.length), all: count(all?.[0]?.size ?? 0) })}
        </span>
        <Button
          onClick={() => {
            setState(undefined);
            void known.resetQueries({ queryKey: ['ledger'] });
          }}
        >
          {t('list.refresh')}
        </Button>
      </div>
      {badRecord && (
        <p id="ledger-record-wrong" role="alert" className="notice bad record-wrong">
          {t('ledger.recordForm')}
        </p>
      )}
      {state && <Verdict state={state} open={open} />}
      {pages.isError ? (
        <div className="page-body">
          <Failed problem={pages.error} retry={() => void pages.refetch()} />
        </div>
      ) : !pages.data ? (
        <Loading lines={14} />
      ) : entries.length === 0 ? (
        <Empty
          title={last?.before ? t('ledger.noneYet') : isFiltered(filters) ? t('list.noMatch') : t('ledger.none')}
          actions={
            <>
              {last?.before && further}
              {isFiltered(filters) && <Button onClick={() => change(unfiltered)}>{t('filter.clear')}</Button>}
            </>
          }
        >
          {reached}
        </Empty>
      ) : (
        <>
          {phone ? (
            <ul className="cards">
              {entries.map((one) => (
                <li key={one.id}>
                  <button type="button" className="card plain" style={{ width: '100%' }} onClick={() => open(one.id)}>
                    <span className="row between">
                      <b>{t(`deed.${one.action}`)}</b>
                      <Outcome entry={one} />
                    </span>
                    <span>{one.who}</span>
                    <span className="meta">
                      {exact(one.at)} · {one.id}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          ) : (
            <div className="table-wrap" tabIndex={0} role="region" aria-label={t('nav.ledger')}>
              <table className="table ledger" aria-rowcount={entries.length + 1}>
                <thead>
                  <tr>
                    <th scope="col">{t('ledger.entry')}</th>
                    <th scope="col">{t('ledger.at')}</th>
                    <th scope="col">{t('ledger.who')}</th>
                    <th scope="col">{t('ledger.action')}</th>
                    <th scope="col">{t('ledger.about')}</th>
                    <th scope="col">{t('reveal.purpose')}</th>
                    <th scope="col">{t('ledger.from')}</th>
                    <th scope="col">{t('ledger.outcome')}</th>
                  </tr>
                </thead>
                <tbody>
                  {entries.map((one) => (
                    <tr
                      key={one.id}
                      className={`${asked === one.id ? 'on' : ''} ${wrong === one.id ? 'wrong' : ''}`}
                      onClick={() => open(one.id)}
                    >
                      <td>
                        <button type="button" className="plain" onClick={() => open(one.id)}>
                          <code>{one.id}</code>
                        </button>{' '}
                        {good?.has(one.id) && (
                          <CheckCircleFilled style={{ color: 'var(--success)' }} aria-label={t('ledger.proved')} />
                        )}
                      </td>
                      <td className="quiet">{exact(one.at).slice(0, 19)}</td>
                      <td>{one.who}</td>
                      <td>{t(`deed.${one.action}`)}</td>
                      <td className="quiet">{about(one, t)}</td>
                      <td className="quiet">
                        <span className="cut">{one.purpose ?? ''}</span>
                      </td>
                      <td className="quiet">{one.address ?? '—'}</td>
                      <td>
                        <Outcome entry={one} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <div className="table-foot">
            <span className="meta" role="status">
              {pages.isFetchingNextPage ? t('ledger.searching') : last?.before ? reached : t('ledger.allRead')}
            </span>
            {last?.before && <span className="right">{further}</span>}
          </div>
        </>
      )}
      {chosen && <EntryDrawer entry={chosen} key={chosen.id} log={log} open={open} close={() => list({}, false)} />}
    </div>
  );
}

export function Outcome({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const done = entry.outcome === 'done';
  return (
    <span className={`tag ${done ? '' : 'bad'}`}>
      <i className="dot" aria-hidden="true" />
      {t(`ledger.${entry.outcome}`)}
    </span>
  );
}

const about = (entry: Entry, t: (key: string, values?: Record<string, unknown>) => string): string => {
  const one = entry.records[0];
  if (entry.records.length === 0 || !one) return '—';
  if (entry.records.length === 1)
    return t('ledger.oneRecord', { id: `…${one.id.slice(-6)}`, n: Object.keys(one.fields).length });
  return t('ledger.records', { n: entry.records.length });
};
