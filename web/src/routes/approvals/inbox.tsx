// Requests for approval: a list on the left, one of them on the right; on a phone one after the other.
import LeftOutlined from '@ant-design/icons/LeftOutlined';
import ReloadOutlined from '@ant-design/icons/ReloadOutlined';
import CheckSquareOutlined from '@ant-design/icons/CheckSquareOutlined';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button, Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { boxes, requestsQuery, rowsOf, type Box, type Request } from '../../api/approvals';
import { kindsQuery } from '../../api/queries';
import type { Kind } from '../../lib/fields';
import { absolute } from '../../lib/format';
import { useKeys } from '../../lib/keys';
import { usePhone } from '../../lib/phone';
import { When } from '../../parts/marks';
import { Empty, Failed, Loading } from '../../parts/states';
import type { ApprovalSearch } from '../../router';
import { useMay } from '../../session/store';
import { Together } from './bulk';
import { RequestName, RequestView } from './request';
import { RequestState } from './state';
import { leftUntil, sortOf, titleOf } from './title';
import './approvals.css';

export function Inbox() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false });
  const { box = 'waiting' } = useSearch({ strict: false }) as ApprovalSearch;
  const phone = usePhone();
  const navigate = useNavigate();
  const reads = useMay()('read');
  const kinds = useQuery({ ...kindsQuery, enabled: reads });
  const list = useInfiniteQuery(requestsQuery(box));
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const rows = rowsOf(list.data);
  const at = rows.findIndex((one) => one.id === id);
  const open = (one: Request | undefined) =>
    one
      ? void navigate({ to: '/approvals/$id', params: { id: one.id }, search: { box }, replace: id !== undefined })
      : void navigate({ to: '/approvals', search: { box }, replace: true });
  const step = (by: number) => {
    const next = rows[at < 0 ? 0 : at + by];
    if (next) open(next);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });

  const seen = kinds.data?.items ?? [];
  if (reads && !kinds.data && !kinds.isError) return <Loading />;
  const one = id && (
    <RequestView
      key={id}
      id={id}
      kinds={seen}
      // What is decided leaves the list: the next one stands there, or the one before it.
      went={() => open(box === 'waiting' && at >= 0 ? (rows[at + 1] ?? rows[at - 1]) : rows[at])}
    />
  );
  if (phone && id)
    return (
      <div className="page approvals">
        <header className="page-head">
          <Button type="text" icon={<LeftOutlined />} onClick={() => open(undefined)}>
            {t('nav.approvals')}
          </Button>
          <h1 className="hear">{t('approval.request')}</h1>
        </header>
        <div className="request-pane" tabIndex={0} role="region" aria-label={t('approval.request')}>
          {one}
        </div>
      </div>
    );
  return (
    <div className="page approvals">
      <header className="page-head">
        <h1>{t('nav.approvals')}</h1>
        <div className="actions">
          <Button
            type="text"
            icon={<ReloadOutlined />}
            loading={list.isRefetching}
            aria-label={t('list.refresh')}
            onClick={() => void list.refetch()}
          />
        </div>
      </header>
      <div className="inbox">
        <div className="inbox-list">
          <nav className="boxes" aria-label={t('approval.boxes')}>
            {boxes.map((name) => (
              <Link key={name} to="/approvals" search={{ box: name }} aria-current={box === name ? 'true' : undefined}>
                {t(`approval.box.${name}`)}
              </Link>
            ))}
          </nav>
          {list.isError ? (
            <div style={{ padding: 16 }}>
              <Failed problem={list.error} retry={() => void list.refetch()} />
            </div>
          ) : !list.data ? (
            <Loading />
          ) : rows.length === 0 ? (
            <Nothing box={box} />
          ) : (
            <>
              <ul className="requests">
                {rows.map((row) => (
                  <Row
                    key={row.id}
                    of={row}
                    box={box}
                    kinds={seen}
                    on={row.id === id}
                    chosen={chosen}
                    all={rows}
                    choose={choose}
                  />
                ))}
              </ul>
              {list.hasNextPage && (
                <Button block type="text" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                  {t('approval.more')}
                </Button>
              )}
              <Together rows={rows.filter((row) => chosen.has(row.id))} close={() => choose(new Set())} />
            </>
          )}
        </div>
        {!phone && (
          <div className="request-pane" tabIndex={0} role="region" aria-label={t('approval.request')}>
            {one || (rows.length > 0 && <Empty title={t('approval.choose')}>{t('approval.chooseText')}</Empty>)}
          </div>
        )}
      </div>
    </div>
  );
}

function Nothing({ box }: { box: Box }) {
  const { t } = useTranslation();
  return (
    <Empty art={<CheckSquareOutlined style={{ fontSize: 32 }} />} title={t(`approval.none.${box}`)}>
      {t(`approval.noneText.${box}`)}
    </Empty>
  );
}

function Row({
  of,
  box,
  kinds,
  on,
  chosen,
  all,
  choose,
}: {
  of: Request;
  box: Box;
  kinds: Kind[];
  on: boolean;
  chosen: ReadonlySet<string>;
  all: Request[];
  choose: (all: ReadonlySet<string>) => void;
}) {
  const { t } = useTranslation();
  const title = titleOf(of, kinds, t);
  const together = box === 'waiting' && of.bulk && of.may.includes('agree');
  const first = all.find((one) => chosen.has(one.id));
  const other = first !== undefined && sortOf(first) !== sortOf(of);
  const toggle = () => {
    const next = new Set(chosen);
    if (!next.delete(of.id)) next.add(of.id);
    choose(next);
  };
  return (
    <li className={on ? 'on' : ''}>
      {together && (
        <Checkbox
          checked={chosen.has(of.id)}
          disabled={other}
          onChange={toggle}
          aria-label={t('approval.select', { what: title, code: of.code ?? '' })}
        />
      )}
      <Link to="/approvals/$id" params={{ id: of.id }} search={{ box }} replace={on} aria-current={on}>
        <span className="row between">
          <b>{title}</b>
          {of.state === 'waiting' ? (
            <time className="meta" dateTime={of.approve_until} title={absolute(of.approve_until)}>
              {leftUntil(of.approve_until, t)}
            </time>
          ) : (
            <RequestState of={of.state} />
          )}
        </span>
        {of.code && (
          <span className="who-of">
            <RequestName of={of} /> <code className="meta">{of.code.slice(0, 15)}</code>
          </span>
        )}
        <span className="meta">
          {box === 'asked' ? <Waits of={of} /> : of.asked_by} · <When at={box === 'ended' ? of.since : of.asked_at} />
        </span>
      </Link>
    </li>
  );
}

function Waits({ of }: { of: Request }) {
  const { t } = useTranslation();
  const names = [...new Set(of.flows.flatMap((flow) => flow.waits_for))];
  return (
    <>
      {names.length > 0
        ? t('approval.waitingFor', { names: names.join(t('approval.between')) })
        : t('approval.nobodyNow')}
    </>
  );
}
