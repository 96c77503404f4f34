import CopyOutlined from '@ant-design/icons/CopyOutlined';
import EllipsisOutlined from '@ant-design/icons/EllipsisOutlined';
import LeftOutlined from '@ant-design/icons/LeftOutlined';
import RightOutlined from '@ant-design/icons/RightOutlined';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Button, Popover, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dossierQuery, kindsQuery } from '../../api/queries';
import { Problem } from '../../api/problem';
import type { Dossier } from '../../lib/fields';
import { usePhone } from '../../lib/phone';
import { Pending, tellWaits, useWaiting, waitingOf, waits } from '../../lib/waits';
import { Code, Level, Percent, Stage, When } from '../../parts/marks';
import { Failed, Loading } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay } from '../../session/store';
import { Missing } from '../missing';
import { Contacts } from './contacts';
import { Erase } from './erase';
import { FieldList } from './field-list';
import { History } from './history';
import { known } from './known';
import { lastSeen } from './last-seen';
import { Looks } from './looks';
import { Owner } from './owner';
import { saveDossier } from './save';
import { Name } from './table';
import './record.css';

type Tab = 'related' | 'history' | 'access' | 'fields';

export function RecordPage() {
  const { t } = useTranslation();
  const { id, tab: asked } = useParams({ strict: false }) as { id: string; tab?: string };
  const may = useMay();
  const phone = usePhone();
  const client = useQueryClient();
  const record = useQuery(dossierQuery(id));
  const kinds = useQuery(kindsQuery);
  const dossier = record.data;

  // The title says the code and nothing else.
  useEffect(() => {
    document.title = dossier ? dossier.code.slice(0, 15) : t('product');
    return () => {
      document.title = t('product');
    };
  }, [dossier, t]);

  // A role was changed meanwhile: there is a field to see of which the page does not know yet.
  const told = kinds.data?.items.find((one) => one.prefix === 'dos')?.fields;
  const news = dossier && told && Object.keys(dossier.fields).some((name) => !told.some((one) => one.name === name));
  const readKinds = kinds.refetch;
  useEffect(() => {
    if (news) void readKinds();
  }, [news, readKinds]);

  if (record.error instanceof Problem && [400, 404].includes(record.error.status)) return <Missing />;
  if (record.isError || kinds.isError)
    return (
      <div className="page-body">
        <Failed problem={record.error ?? kinds.error} retry={() => void record.refetch()} />
      </div>
    );
  const dossierKind = kinds.data?.items.find((one) => one.prefix === 'dos');
  const contactKind = kinds.data?.items.find((one) => one.prefix === 'con');
  if (!dossier || !dossierKind || !contactKind) return <Loading lines={12} />;

  const saved = (now: Dossier) => {
    known(client, now);
    client.setQueryData(dossierQuery(id).queryKey, {
      ...now,
      provenance: now.provenance ?? dossier.provenance,
    } as Dossier);
  };
  const tabs: Tab[] = [
    ...(phone ? (['fields'] as const) : []),
    'related',
    ...(may('history') ? (['history', 'access'] as const) : []),
  ];
  const tab = tabs.find((one) => one === asked) ?? tabs[0];
  const fields = <FieldList record={dossier} kind={dossierKind} code={dossier.code} saved={saved} />;
  return (
    <div className="page" key={id}>
      <Head dossier={dossier} saved={saved} />
      {dossier.state === 'frozen' && <p className="notice warn">{t('record.frozen')}</p>}
      <div className="record-body">
        {!phone && <div className="record-main">{fields}</div>}
        <div className="record-side">
          <nav className="side-tabs" aria-label={t('record.parts')}>
            {tabs.map((one) => (
              <Link
                key={one}
                to="/dossiers/$id/$tab"
                params={{ id, tab: one }}
                replace
                resetScroll={false}
                aria-current={tab === one ? 'true' : undefined}
              >
                {t(`record.${one}`)}
              </Link>
            ))}
          </nav>
          <div className="side-body">
            {tab === 'fields' && fields}
            {tab === 'related' && <Contacts dossier={dossier} kind={contactKind} />}
            {tab === 'history' && <History record={dossier} kind={dossierKind} saved={saved} />}
            {tab === 'access' && <Looks dossier={dossier} kind={dossierKind} />}
          </div>
        </div>
      </div>
    </div>
  );
}

function Head({ dossier, saved }: { dossier: Dossier; saved: (now: Dossier) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const waiting = useWaiting(dossier.id);
  const at = lastSeen.ids.indexOf(dossier.id);
  const go = (step: number) => {
    const id = lastSeen.ids[at + step];
    if (id) void navigate({ to: '/dossiers/$id', params: { id } });
  };
  const copy = async () => {
    await navigator.clipboard.writeText(dossier.code);
    toast(t('record.copied'));
  };
  return (
    <header className="record-head">
      <div className="row between">
        <div className="row">
          <Button
            type="text"
            style={{ marginLeft: -12 }}
            icon={<LeftOutlined />}
            onClick={() => void navigate({ to: '/dossiers', search: lastSeen.search })}
          >
            {t('record.back')}
          </Button>
          {at >= 0 && (
            <span className="row">
              <Button
                type="text"
                size="small"
                icon={<LeftOutlined />}
                disabled={at === 0}
                aria-label={t('record.before')}
                onClick={() => go(-1)}
              />
              <span className="meta">
                {at + 1}/{lastSeen.ids.length}
              </span>
              <Button
                type="text"
                size="small"
                icon={<RightOutlined />}
                disabled={at === lastSeen.ids.length - 1}
                aria-label={t('record.after')}
                onClick={() => go(1)}
              />
            </span>
          )}
        </div>
        <More dossier={dossier} saved={saved} />
      </div>
      <div className="name" style={{ marginTop: 8 }}>
        <h1>
          <Name of={dossier} />
        </h1>
        <Stage of={dossier.stage} />
        <Pending of={waitingOf(waiting, 'stage')} what={t('filter.stage')} />
        <Level of={dossier.level} />
        <Pending of={waitingOf(waiting, 'level')} what={t('filter.level')} />
      </div>
      <div className="facts">
        <span className="row">
          <Code of={dossier.code} />
          <Tooltip title={t('record.copy')}>
            <Button
              type="text"
              size="small"
              icon={<CopyOutlined />}
              aria-label={t('record.copy')}
              onClick={() => void copy()}
            />
          </Tooltip>
        </span>
        <span className="row">
          {t('filter.team')} {dossier.team}
          <Pending of={waitingOf(waiting, 'team')} what={t('filter.team')} />
        </span>
        <Owner dossier={dossier} saved={saved} />
        <Pending of={waitingOf(waiting, 'owner')} what={t('record.owner')} />
        {dossier.completeness !== undefined && (
          <span className="row">
            {t('list.completeness')} <Percent of={dossier.completeness} />
          </span>
        )}
        <span>
          {t('list.changed')} <When at={dossier.changed_at} />
        </span>
      </div>
    </header>
  );
}

/** Stage and level are set by people; erasing is for those who may. */
function More({ dossier, saved }: { dossier: Dossier; saved: (now: Dossier) => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const [erasing, setErasing] = useState(false);
  if (!may('change') && !may('delete')) return null;
  const set = async (change: { stage?: number; level?: 'L1' | 'L2' | 'L3' | 'L4' }) => {
    setOpen(false);
    const back = change.stage === undefined ? { level: dossier.level as 'L1' } : { stage: dossier.stage };
    try {
      const now = await saveDossier(dossier.id, dossier.version, change);
      if (waits(now)) {
        tellWaits(now);
        return;
      }
      saved(now);
      toast(t('edit.saved'), () => {
        void saveDossier(dossier.id, now.version, back).then(
          (undone) => (waits(undone) ? tellWaits(undone) : saved(undone)),
          () => toast(t('edit.undoFailed')),
        );
      });
    } catch (problem) {
      toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network'));
    }
  };
  return (
    <>
      <Popover
        trigger="click"
        placement="bottomRight"
        arrow={false}
        open={open}
        onOpenChange={setOpen}
        styles={{ container: { padding: 4 } }}
        content={
          <div className="menu" role="dialog" aria-label={t('record.more')}>
            {may('change') && (
              <>
                <p className="meta" style={{ padding: '4px 8px' }}>
                  {t('bulk.stage')}
                </p>
                {[0, 1, 2, 3, 4, 5]
                  .filter((stage) => stage !== dossier.stage)
                  .map((stage) => (
                    <button key={stage} type="button" className="do plain" onClick={() => void set({ stage })}>
                      <Stage of={stage} />
                    </button>
                  ))}
                <div className="line" />
                <p className="meta" style={{ padding: '4px 8px' }}>
                  {t('bulk.level')}
                </p>
                {(['L1', 'L2', 'L3', 'L4'] as const)
                  .filter((level) => level !== dossier.level)
                  .map((level) => (
                    <button key={level} type="button" className="do plain" onClick={() => void set({ level })}>
                      <Level of={level} />
                    </button>
                  ))}
              </>
            )}
            {may('delete') && (
              <>
                <div className="line" />
                <button
                  type="button"
                  className="do plain"
                  style={{ color: 'var(--error)' }}
                  onClick={() => {
                    setOpen(false);
                    setErasing(true);
                  }}
                >
                  {t('erase.open')}
                </button>
              </>
            )}
          </div>
        }
      >
        <Button icon={<EllipsisOutlined />} aria-label={t('record.more')} aria-haspopup="dialog" />
      </Popover>
      {erasing && <Erase dossier={dossier} close={() => setErasing(false)} />}
    </>
  );
}
