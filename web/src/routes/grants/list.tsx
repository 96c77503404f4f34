// What somebody was granted for a time, theirs and that of the people whose rights they look after.
import SafetyCertificateOutlined from '@ant-design/icons/SafetyCertificateOutlined';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { endGrant, grantsQuery, type Grant, type GrantBox } from '../../api/grants';
import { dayEnd, useGrantWords } from '../../lib/grants';
import { absolute } from '../../lib/format';
import { When } from '../../parts/marks';
import { teamName } from '../../parts/rule-words';
import { Empty, Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import type { GrantSearch } from '../../router';
import { leftUntil } from '../approvals/title';
import { Apply } from './apply';
import '../approvals/approvals.css';
import './grants.css';

const boxes: GrantBox[] = ['own', 'all'];

export function Grants() {
  const { t } = useTranslation();
  const { box = 'own', dossier, apply } = useSearch({ strict: false }) as GrantSearch;
  const navigate = useNavigate();
  const list = useQuery(grantsQuery(box));
  const own = useQuery(grantsQuery('own'));
  const [ending, setEnding] = useState<Grant>();
  const applying = apply === true || dossier !== undefined;
  const open = (on: boolean) =>
    void navigate({ to: '/grants', search: { box, ...(on ? { apply: true } : {}) }, replace: true });
  const items = list.data?.items ?? [];
  const average = list.data?.average_minutes;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.grants')}</h1>
        <div className="actions">
          <Button type="primary" onClick={() => open(true)}>
            {t('grants.apply')}
          </Button>
        </div>
      </header>
      {own.data?.may_see_all && (
        <nav className="boxes grants-boxes" aria-label={t('grants.whose')}>
          {boxes.map((name) => (
            <Link key={name} to="/grants" search={{ box: name }} aria-current={box === name ? 'true' : undefined}>
              {t(`grants.box.${name}`)}
            </Link>
          ))}
        </nav>
      )}
      {list.isError ? (
        <div className="page-body">
          <Failed problem={list.error} retry={() => void list.refetch()} />
        </div>
      ) : !list.data ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty
          art={<SafetyCertificateOutlined style={{ fontSize: 32 }} />}
          title={t(`grants.none.${box}`)}
          actions={box === 'own' && <Button onClick={() => open(true)}>{t('grants.apply')}</Button>}
        >
          {t(`grants.noneText.${box}`)}
        </Empty>
      ) : (
        <div className="page-body stack">
          {average !== undefined && <p className="quiet">{t('grants.average', { time: spent(average, t) })}</p>}
          <ul className="grants">
            {items.map((one) => (
              <Row key={one.id} of={one} end={() => setEnding(one)} />
            ))}
          </ul>
        </div>
      )}
      {applying && <Apply roles={own.data?.roles ?? []} dossier={dossier} close={() => open(false)} />}
      {ending && <End of={ending} close={() => setEnding(undefined)} />}
    </div>
  );
}

/** Minutes in words: 45 分钟, 3 小时. */
const spent = (minutes: number, t: (key: string, with_: { n: number }) => string): string =>
  minutes < 120 ? t('grants.minutes', { n: minutes }) : t('grants.hours', { n: Math.round(minutes / 60) });

function Row({ of, end }: { of: Grant; end: () => void }) {
  const { t } = useTranslation();
  const words = useGrantWords();
  const live = of.state === 'live';
  return (
    <li className={live ? 'live' : ''}>
      <div className="row between wrap">
        <h2>{of.role === undefined ? t('grants.use') : t('grants.roleOf', { role: words.role(of.role) })}</h2>
        <span className={`tag ${live ? 'good' : ''}`}>
          <i className="dot" aria-hidden="true" />
          {t(`grants.state.${of.state}`)}
        </span>
      </div>
      {!of.own && (
        <p>
          <b>{of.person}</b> <span className="quiet">{teamName(of.team, t)}</span>
        </p>
      )}
      {of.purpose !== undefined && <p>{of.purpose}</p>}
      <dl className="facts-list">
        <div>
          <dt>{t('grants.until')}</dt>
          <dd>
            {t('grants.lastDay', { day: of.last_day })}
            {live && <span className="quiet"> {leftUntil(dayEnd(of.last_day), t)}</span>}
            {of.ended_at && of.state !== 'over' && (
              <span className="quiet" title={absolute(of.ended_at)}>
                {' '}
                {t('grants.endedBy', { name: of.ended_by ?? '' })} <When at={of.ended_at} />
              </span>
            )}
          </dd>
        </div>
        {of.role === undefined && (
          <>
            <div>
              <dt>{t('grants.where')}</dt>
              <dd>
                {of.dossiers.map((one) => (
                  <Link key={one.id} to="/dossiers/$id" params={{ id: one.id }} className="code">
                    <code>{one.code ?? one.id}</code>
                  </Link>
                ))}
                {of.hidden_dossiers > 0 && (
                  <span className="quiet">
                    {t(of.dossiers.length > 0 ? 'grants.hiddenMore' : 'grants.hidden', { n: of.hidden_dossiers })}
                  </span>
                )}
                {of.teams !== undefined && words.scope(of)}
              </dd>
            </div>
            <div>
              <dt>{t('grants.fields')}</dt>
              <dd>{words.fields(of.fields)}</dd>
            </div>
            <div>
              <dt>{t('grants.actions')}</dt>
              <dd>{words.actions(of.actions)}</dd>
            </div>
          </>
        )}
      </dl>
      {of.may_end && (
        <Button size="small" danger={!of.own} onClick={end}>
          {t(of.own ? 'grants.done' : 'grants.withdraw')}
        </Button>
      )}
    </li>
  );
}

function End({ of, close }: { of: Grant; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endGrant(of.id),
    onSuccess: () => {
      toast(t('grants.ended'));
      // What it showed is not to be seen any more.
      client.clear();
      close();
    },
  });
  return (
    <Modal
      open
      title={t(of.own ? 'grants.doneTitle' : 'grants.withdrawTitle', { name: of.person })}
      onCancel={close}
      okText={t(of.own ? 'grants.done' : 'grants.withdraw')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, loading: end.isPending }}
      onOk={() => end.mutate()}
      width={440}
    >
      <p>{t('grants.endText')}</p>
      <Wrong problem={end.error} />
    </Modal>
  );
}
