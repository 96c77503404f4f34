// Navigation by what the session may, search, the avatar's menu; over everything the watermark, the banner and the lock.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import EllipsisOutlined from '@ant-design/icons/EllipsisOutlined';
import ExperimentOutlined from '@ant-design/icons/ExperimentOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import SearchOutlined from '@ant-design/icons/SearchOutlined';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { requestsQuery } from '../api/approvals';
import { kindsQuery } from '../api/queries';
import { useTheme } from '../app';
import { mod, useKeys } from '../lib/keys';
import { Icon } from '../parts/icons';
import { Brand } from '../parts/marks';
import { Loading } from '../parts/states';
import { Toasts } from '../parts/toasts';
import { Watermark } from '../parts/watermark';
import { Guard } from '../session/guard';
import { useMay, useSession, useSessionState } from '../session/store';
import { TaskTray } from '../tasks/tray';
import { AvatarMenu } from './avatar';
import { permitted } from './nav';
import { later } from '../words';

const Palette = later(() => import('./palette').then((m) => m.Palette));
const KeysHelp = later(() => import('./keys-help').then((m) => m.KeysHelp));
const Must = later(() => import('./me/must').then((m) => m.Must));

export function Shell() {
  const state = useSessionState();
  if (state.at !== 'in' && state.at !== 'locked') return <Loading />;
  if (state.session.must)
    return (
      <Suspense fallback={<Loading />}>
        <Must what={state.session.must === 'second_factor' ? 'second_factor' : 'password'} />
      </Suspense>
    );
  return <Inside />;
}

function Inside() {
  const { t } = useTranslation();
  const session = useSession();
  const may = useMay();
  const theme = useTheme();
  const navigate = useNavigate();
  const at = useLocation().pathname;
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  const parts = permitted(may);
  // Kinds carry labels and no customer's data; nearly every screen needs them.
  useQuery({ ...kindsQuery, enabled: may('read') });
  const waiting = useWaitingCount(at);

  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [at]);

  const go = (to: string) => () => void navigate({ to });
  const items = parts.flatMap((part) => part.items);
  useKeys({
    'mod+k': () => setPalette(true),
    '/': may('find') || may('read') ? go('/search') : () => undefined,
    '?': () => setHelp(true),
    ...Object.fromEntries(items.filter((one) => one.keys).map((one) => [one.keys?.toLowerCase() ?? '', go(one.to)])),
  });

  const on = (to: string) => (to === '/' ? at === '/' : at === to || at.startsWith(`${to}/`));
  return (
    <Guard>
      <div className="shell">
        {session.demo ? (
          <aside className="strip" aria-label={t('demoLabel')}>
            <ExperimentOutlined /> {t('demo')}
          </aside>
        ) : (
          <span />
        )}
        <nav className="nav" aria-label={t('nav.label')}>
          <Link className="brand" to="/">
            <Brand />
          </Link>
          <button type="button" className="seek plain" onClick={() => setPalette(true)}>
            <SearchOutlined /> {t('nav.search')} <kbd>{mod} K</kbd>
          </button>
          {parts.map((part) => (
            <div key={part.name}>
              {part.name && <h2>{t(part.name)}</h2>}
              {part.items.map((item) => (
                <Link
                  key={item.to}
                  to={item.to}
                  className={`item ${on(item.to) ? 'on' : ''}`}
                  aria-current={on(item.to) ? 'page' : undefined}
                >
                  <Icon of={item.icon} /> {t(item.name)}
                  {item.to === '/approvals' && <Waiting n={waiting} />}
                </Link>
              ))}
            </div>
          ))}
          <div className="foot">
            <AvatarMenu help={() => setHelp(true)} />
          </div>
        </nav>
        <main className="main" id="main" ref={main} tabIndex={-1}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
        <nav className="tabs" aria-label={t('nav.label')}>
          <Link to="/" className={at === '/' ? 'on' : ''}>
            <Icon of="home" /> {t('nav.home')}
          </Link>
          {may('read') && (
            <Link to="/dossiers" className={on('/dossiers') && at !== '/dossiers/new' ? 'on' : ''}>
              <Icon of="dossiers" /> {t('nav.customers')}
            </Link>
          )}
          {may('create') ? (
            <Link to="/dossiers/new" className={at === '/dossiers/new' ? 'on' : ''}>
              <PlusOutlined aria-hidden="true" /> {t('nav.new')}
            </Link>
          ) : (
            may('read_ledger') && (
              <Link to="/security/ledger" className={on('/security/ledger') ? 'on' : ''}>
                <Icon of="ledger" /> {t('nav.ledger')}
              </Link>
            )
          )}
          <Link to="/approvals" className={on('/approvals') ? 'on' : ''}>
            <Icon of="approvals" /> {t('nav.approvals')}
            <Waiting n={waiting} />
          </Link>
          {may('find') && (
            <Link to="/search" className={on('/search') ? 'on' : ''}>
              <SearchOutlined aria-hidden="true" /> {t('nav.find')}
            </Link>
          )}
          <Link to="/me" className={on('/me') ? 'on' : ''}>
            <EllipsisOutlined aria-hidden="true" /> {t('nav.me')}
          </Link>
        </nav>
      </div>
      <TaskTray />
      <Toasts />
      <Watermark user={session.user.id} dark={theme === 'dark'} />
      <Suspense>
        {palette && <Palette close={() => setPalette(false)} />}
        {help && <KeysHelp close={() => setHelp(false)} />}
      </Suspense>
    </Guard>
  );
}

/** How many requests wait for this person: asked for when the page is opened, and when somebody goes elsewhere in it after a
 * minute or more. Nothing is asked for while nobody does anything. */
function useWaitingCount(at: string): number {
  const { data, refetch, dataUpdatedAt } = useInfiniteQuery({ ...requestsQuery('waiting'), staleTime: Infinity });
  const updated = useRef(dataUpdatedAt);
  useEffect(() => {
    updated.current = dataUpdatedAt;
  }, [dataUpdatedAt]);
  useEffect(() => {
    if (updated.current > 0 && Date.now() - updated.current > 60_000) void refetch();
  }, [at, refetch]);
  return data?.pages[0]?.total ?? 0;
}

function Waiting({ n }: { n: number }) {
  const { t } = useTranslation();
  if (n === 0) return null;
  return (
    <span className="waiting-count">
      <span aria-hidden="true">{n > 99 ? '99+' : n}</span>
      <span className="hear">{t('nav.waiting', { n })}</span>
    </span>
  );
}
