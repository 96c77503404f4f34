// What waits for whose approval. Before approvals have begun, what they are and how to begin.
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Radio, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import { kindsQuery } from '../../../api/queries';
import type { Kind } from '../../../lib/fields';
import { label } from '../../../lib/format';
import { tellWaits, waits } from '../../../lib/waits';
import { Failed, Loading, Wrong } from '../../../parts/states';
import { toast } from '../../../parts/toasts';
import { useMay } from '../../../session/store';
import { begin, change, flowsQuery, span, stepWords, whenWords, type Flow } from './flow';
import './flows.css';

export function Flows() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const flows = useQuery(flowsQuery);
  const reads = useMay()('read');
  const kinds = useQuery({ ...kindsQuery, enabled: reads });
  const items = flows.data?.items;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.flows')}</h1>
        {items && items.length > 0 && (
          <div className="actions">
            <Button
              type="primary"
              icon={<PlusOutlined />}
              onClick={() => void navigate({ to: '/settings/flows/$id', params: { id: 'new' } })}
            >
              {t('flow.add')}
            </Button>
          </div>
        )}
      </header>
      <div className="page-body narrow">
        {flows.isError ? (
          <Failed problem={flows.error} retry={() => void flows.refetch()} />
        ) : !items ? (
          <Loading />
        ) : items.length === 0 ? (
          <Begin />
        ) : (
          <>
            <p className="quiet">{t('flow.text')}</p>
            <ul className="flow-list">
              {items.map((flow) => (
                <One key={flow.id} flow={flow} kinds={kinds.data?.items ?? []} />
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

function Begin() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [alone, setAlone] = useState(false);
  const act = useMutation({
    mutationFn: () => begin(alone),
    onSuccess: (now) => {
      client.setQueryData(flowsQuery.queryKey, now as unknown as { items: Flow[] });
      toast(t('flow.begun'));
    },
  });
  return (
    <section className="stack" aria-labelledby="flows-begin">
      <h2 id="flows-begin">{t('flow.begin')}</h2>
      <p>{t('flow.beginText')}</p>
      <Radio.Group
        aria-label={t('flow.keepers')}
        className="keepers"
        value={alone}
        onChange={(event) => setAlone(event.target.value as boolean)}
      >
        {[false, true].map((one) => (
          <Radio key={String(one)} value={one}>
            <b>{t(one ? 'flow.alone' : 'flow.two')}</b>
            <span className="quiet">{t(one ? 'flow.aloneText' : 'flow.twoText')}</span>
          </Radio>
        ))}
      </Radio.Group>
      <p className="notice">{t('flow.after')}</p>
      <Wrong problem={act.error} />
      <div>
        <Button type="primary" loading={act.isPending} onClick={() => act.mutate()}>
          {t('flow.beginDo')}
        </Button>
      </div>
    </section>
  );
}

function One({ flow, kinds }: { flow: Flow; kinds: Kind[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const name = label(flow.name);
  const turn = useMutation({
    mutationFn: (enabled: boolean) => change(flow, { ...flow, enabled }),
    onSuccess: (now) => {
      if (waits(now)) tellWaits(now);
      else {
        toast(t('edit.saved'));
        void client.invalidateQueries({ queryKey: flowsQuery.queryKey });
      }
    },
    onError: (problem) =>
      toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network')),
  });
  return (
    <li className={flow.enabled ? '' : 'off'}>
      <div className="row between">
        <h2>
          <Link to="/settings/flows/$id" params={{ id: flow.id }}>
            {name}
          </Link>
        </h2>
        <label className="row switch">
          <span className="meta">{t(flow.enabled ? 'flow.on' : 'flow.off')}</span>
          <Switch
            size="small"
            checked={flow.enabled}
            loading={turn.isPending}
            onChange={(enabled) => turn.mutate(enabled)}
            aria-label={t('flow.enabled', { name })}
          />
        </label>
      </div>
      <p>{whenWords(flow.when, kinds, t)}</p>
      {flow.when.condition && (
        <p className="meta">
          {t('flow.onlyIf')} <code>{flow.when.condition}</code>
        </p>
      )}
      <ol className="flow-steps">
        {flow.steps.map((step, n) => (
          <li key={n}>
            <span className="n" aria-hidden="true">
              {n + 1}
            </span>
            {stepWords(step, t)}
          </li>
        ))}
      </ol>
      <p className="meta">
        {t('flow.times', { approve: span(flow.approve_within, t), execute: span(flow.execute_within, t) })}
        {flow.bulk && ` · ${t('flow.bulk')}`}
        {flow.apart !== 'each' && ` · ${t(`flow.apart.${flow.apart}`)}`}
      </p>
    </li>
  );
}
