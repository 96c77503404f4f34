// The ledger: newest first, read in pages because reading it is itself recorded; verified in this browser on demand.
import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import SafetyCertificateOutlined from '@ant-design/icons/SafetyCertificateOutlined';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { count, exact } from '../../lib/format';
import { usePhone } from '../../lib/phone';
import type { Entry } from '../../lib/verify';
import { Empty, Failed, Loading } from '../../parts/states';
import { EntryDrawer } from './entry';
import { Verdict } from './verdict';
import { verifyPage, type Verification } from './verification';
import '../../styles/table.css';
import './ledger.css';

const size = 100;

/** Newest first: the page before begins where this one does. */
const pageOf = async (log: string, upTo: number | undefined) => {
  const from = upTo === undefined ? undefined : Math.max(0, upTo - size);
  const limit = upTo === undefined ? size : upTo - (from ?? 0);
  const page = await ask(
    api.GET('/v1/ledger', { params: { query: { log, limit, ...(from === undefined ? {} : { from }) } } }),
  );
  const first = page.items[0];
  return { ...page, begin: first ? Number(first.id.split('-').at(-1)) : 0 };
};

const logOf = (entry: string | undefined): string | undefined =>
  entry?.startsWith('c-')
    ? 'change'
    : /^a-(\d+)-/.exec(entry ?? '')?.[1]
      ? `access/${/^a-(\d+)-/.exec(entry ?? '')?.[1]}`
      : undefined;

export function Ledger() {
  const { t } = useTranslation();
  const phone = usePhone();
  const navigate = useNavigate();
  const { entry: asked } = useParams({ strict: false }) as { entry?: string };
  const logs = useQuery({
    queryKey: ['ledger', 'logs'],
    queryFn: () => ask(api.GET('/v1/ledger/logs')),
    staleTime: Infinity,
  });
  const [log, setLog] = useState(logOf(asked) ?? 'change');
  const pages = useInfiniteQuery({
    queryKey: ['ledger', log],
    queryFn: ({ pageParam }) => pageOf(log, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => (last.begin > 0 ? last.begin : undefined),
    staleTime: Infinity,
  });
  const [filter, setFilter] = useState<{ who?: string; action?: string; outcome?: string }>({});
  const [state, setState] = useState<Verification>();
  const [verifying, setVerifying] = useState(false);

  const entries = useMemo(
    () => (pages.data?.pages ?? []).flatMap((page) => [...page.items].reverse()) as Entry[],
    [pages.data],
  );
  const shown = entries.filter(
    (one) =>
      (!filter.who || one.who === filter.who) &&
      (!filter.action || one.action === filter.action) &&
      (!filter.outcome || one.outcome === filter.outcome),
  );
  const options = (of: (entry: Entry) => string, name: (key: string) => string) =>
    [...new Set(entries.map(of))].sort().map((value) => ({ value, label: name(value) }));
  const chosen = entries.find((one) => one.id === asked);
  const open = (id: string) =>
    void navigate({ to: '/security/ledger/$entry', params: { entry: id }, resetScroll: false });

  const verify = async () => {
    setVerifying(true);
    await verifyPage(log, shown, setState);
    setVerifying(false);
  };
  const good = state?.at === 'good' ? state.ids : undefined;
  const wrong = state?.at === 'bad' ? state.entry : undefined;
  return (
    <div className="page table-page">
      <header className="page-head">
        <h1>{t('nav.ledger')}</h1>
        <div className="actions">
          <Button
            type="primary"
            icon={<SafetyCertificateOutlined />}
            loading={verifying}
            disabled={shown.length === 0}
            onClick={() => void verify()}
          >
            {t('ledger.verify')}
          </Button>
        </div>
      </header>
      <div className="tools">
        <Select
          aria-label={t('ledger.log')}
          value={log}
          popupMatchSelectWidth={false}
          onChange={(next: string) => {
            setLog(next);
            setFilter({});
            setState(undefined);
            if (asked) void navigate({ to: '/security/ledger' });
          }}
          options={(logs.data?.items ?? [{ log, size: 0 }]).map((one) => ({
            value: one.log,
            label: one.log === 'change' ? t('ledger.change') : t('ledger.access', { n: one.log.split('/')[1] ?? '1' }),
          }))}
        />
        <Select
          aria-label={t('ledger.who')}
          allowClear
          showSearch
          popupMatchSelectWidth={false}
          placeholder={t('ledger.who')}
          style={{ minWidth: 112 }}
          value={filter.who}
          onChange={(who?: string) => setFilter({ ...filter, who })}
          options={options(
            (one) => one.who,
            (key) => key,
          )}
        />
        <Select
          aria-label={t('ledger.action')}
          allowClear
          popupMatchSelectWidth={false}
          placeholder={t('ledger.action')}
          style={{ minWidth: 112 }}
          value={filter.action}
          onChange={(action?: string) => setFilter({ ...filter, action })}
          options={options(
            (one) => one.action,
            (key) => t(`deed.${key}`),
          )}
        />
        <Select
          aria-label={t('ledger.outcome')}
          allowClear
          placeholder={t('ledger.outcome')}
          style={{ minWidth: 96 }}
          value={filter.outcome}
          onChange={(outcome?: string) => setFilter({ ...filter, outcome })}
          options={['done', 'refused'].map((value) => ({ value, label: t(`ledger.${value}`) }))}
        />
        <span className="grow" />
        <span className="meta">
          {t('ledger.loaded', { n: count(entries.length), all: count(pages.data?.pages[0]?.size ?? 0) })}
        </span>
        <Button
          onClick={() => {
            setState(undefined);
            void pages.refetch();
            void logs.refetch();
          }}
        >
          {t('list.refresh')}
        </Button>
      </div>
      {state && <Verdict state={state} open={open} />}
      {pages.isError ? (
        <div className="page-body">
          <Failed problem={pages.error} retry={() => void pages.refetch()} />
        </div>
      ) : !pages.data ? (
        <Loading lines={14} />
      ) : shown.length === 0 ? (
        <Empty title={t('list.noMatch')} actions={<Button onClick={() => setFilter({})}>{t('filter.clear')}</Button>} />
      ) : (
        <>
          {phone ? (
            <ul className="cards">
              {shown.map((one) => (
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
              <table className="table ledger" aria-rowcount={shown.length + 1}>
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
                  {shown.map((one) => (
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
            <span className="meta">{t('ledger.reading')}</span>
            <span className="right">
              <Button
                disabled={!pages.hasNextPage}
                loading={pages.isFetchingNextPage}
                onClick={() => void pages.fetchNextPage()}
              >
                {t('ledger.earlier')}
              </Button>
            </span>
          </div>
        </>
      )}
      {chosen && (
        <EntryDrawer
          entry={chosen}
          around={entries.filter(
            (one) => one.who === chosen.who && Math.abs(Date.parse(one.at) - Date.parse(chosen.at)) <= 1_800_000,
          )}
          open={open}
          close={() => void navigate({ to: '/security/ledger', resetScroll: false })}
        />
      )}
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
