// One flow as a form: when it applies, who has to agree, how long that may take.
import LeftOutlined from '@ant-design/icons/LeftOutlined';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Checkbox, Input, Modal, Select } from 'antd';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../../api/problem';
import { kindsQuery } from '../../../api/queries';
import { label } from '../../../lib/format';
import type { Kind } from '../../../lib/fields';
import { tellWaits, waits } from '../../../lib/waits';
import { Failed, Loading, Wrong } from '../../../parts/states';
import { toast } from '../../../parts/toasts';
import { useMay, useUnsaved } from '../../../session/store';
import { Missing } from '../../missing';
import { add, change, flowsQuery, inBulk, remove, type Flow, type Rules } from './flow';
import { Hours } from './hours';
import { Steps } from './steps';
import { WhenPart } from './when';
import './flows.css';

const blank: Rules = {
  name: { zh: '', en: '' },
  enabled: true,
  when: { commands: ['change'] },
  steps: [{ who: 'manager' }],
  apart: 'each',
  approve_within: 7 * 1440,
  execute_within: 1440,
  bulk: false,
};

export function EditFlow() {
  const { id } = useParams({ strict: false }) as { id: string };
  const flows = useQuery(flowsQuery);
  const reads = useMay()('read');
  const kinds = useQuery({ ...kindsQuery, enabled: reads });
  const flow = flows.data?.items.find((one) => one.id === id);
  if (flows.isError)
    return (
      <div className="page-body">
        <Failed problem={flows.error} retry={() => void flows.refetch()} />
      </div>
    );
  if (!flows.data || (reads && kinds.isPending)) return <Loading lines={10} />;
  if (!flow && id !== 'new') return <Missing />;
  return <Form key={flow ? `${id} ${flow.version}` : id} flow={flow} kinds={kinds.data?.items ?? []} />;
}

function Form({ flow, kinds }: { flow: Flow | undefined; kinds: Kind[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [rules, setRules] = useState<Rules>(flow ?? blank);
  const [removing, setRemoving] = useState(false);
  const put = (part: Partial<Rules>) => setRules((now) => ({ ...now, ...part }));
  const touched = JSON.stringify(rules) !== JSON.stringify(flow ?? blank);
  useUnsaved(touched);
  const back = () => void navigate({ to: '/settings/flows' });
  const done = (now: unknown, said: string) => {
    if (waits(now)) tellWaits(now);
    else toast(said);
    void client.invalidateQueries({ queryKey: flowsQuery.queryKey });
    back();
  };
  const save = useMutation({
    mutationFn: () => (flow ? change(flow, rules) : add(rules)),
    onSuccess: (now) => done(now, t(flow ? 'edit.saved' : 'flow.added')),
  });
  const problem = save.error instanceof Problem ? save.error : undefined;
  const wrong = (place: string) => {
    const at = (name: string | null | undefined) => name === place || name?.startsWith(`${place}.`);
    const all = [problem?.body, ...(problem?.body.errors ?? [])];
    const found = all.find((one) => at(one?.field));
    // The place says itself which one it is.
    return found?.detail?.replace(new RegExp(`^${found.field ?? ''}(: |：)`), '');
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className="page">
      <header className="page-head">
        <Button type="text" icon={<LeftOutlined />} aria-label={t('nav.flows')} onClick={back} />
        <h1>{flow ? label(flow.name) : t('flow.add')}</h1>
        {flow && (
          <div className="actions">
            <Button danger type="text" onClick={() => setRemoving(true)}>
              {t('flow.remove')}
            </Button>
          </div>
        )}
      </header>
      <form className="page-body narrow flow-form" onSubmit={send} noValidate>
        <section className="form-grid">
          {(['zh', 'en'] as const).map((language) => (
            <div key={language} className="field">
              <label htmlFor={`flow-${language}`}>{t(`flow.name.${language}`)}</label>
              <Input
                id={`flow-${language}`}
                value={rules.name[language]}
                maxLength={60}
                status={wrong(`name.${language}`) ? 'error' : ''}
                onChange={(event) => put({ name: { ...rules.name, [language]: event.target.value } })}
              />
              <Said of={wrong(`name.${language}`)} />
            </div>
          ))}
          <Checkbox
            className="whole"
            checked={rules.enabled}
            onChange={(event) => put({ enabled: event.target.checked })}
          >
            {t('flow.enabledLabel')}
          </Checkbox>
        </section>
        <WhenPart when={rules.when} kinds={kinds} wrong={wrong} set={(when) => put({ when })} />
        <Steps steps={rules.steps} wrong={wrong} set={(steps) => put({ steps })} />
        <section>
          <h2>{t('flow.limits')}</h2>
          <div className="form-grid">
            <Hours
              id="approve-within"
              name={t('flow.approveWithin')}
              minutes={rules.approve_within}
              wrong={wrong('approve_within')}
              set={(approve_within) => put({ approve_within: approve_within ?? 0 })}
            />
            <Hours
              id="execute-within"
              name={t('flow.executeWithin')}
              minutes={rules.execute_within}
              wrong={wrong('execute_within')}
              set={(execute_within) => put({ execute_within: execute_within ?? 0 })}
            />
            <div className="field">
              <label htmlFor="flow-apart">{t('flow.apartLabel')}</label>
              <Select
                id="flow-apart"
                aria-label={t('flow.apartLabel')}
                value={rules.apart}
                onChange={(apart) => put({ apart })}
                options={(['each', 'asker', 'nobody'] as const).map((value) => ({
                  value,
                  label: t(`flow.apart.${value}`),
                }))}
              />
            </div>
            <div className="field">
              <Checkbox
                className="whole"
                checked={rules.bulk}
                disabled={!rules.bulk && !inBulk(rules.when)}
                onChange={(event) => put({ bulk: event.target.checked })}
              >
                {t('flow.bulk')}
              </Checkbox>
              <Said of={wrong('bulk')} />
            </div>
          </div>
        </section>
        <Wrong problem={save.error} />
        <div className="form-foot">
          <Button onClick={back}>{t('do.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!touched}>
            {t('do.save')}
          </Button>
        </div>
      </form>
      {removing && flow && <Remove flow={flow} close={() => setRemoving(false)} done={done} />}
    </div>
  );
}

function Remove({ flow, close, done }: { flow: Flow; close: () => void; done: (now: unknown, said: string) => void }) {
  const { t } = useTranslation();
  const act = useMutation({ mutationFn: () => remove(flow.id), onSuccess: (now) => done(now, t('flow.removed')) });
  return (
    <Modal
      open
      title={t('flow.removeTitle', { name: label(flow.name) })}
      onCancel={close}
      okText={t('flow.remove')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, loading: act.isPending }}
      onOk={() => act.mutate()}
      width={420}
    >
      <p>{t('flow.removeText')}</p>
      <Wrong problem={act.error} />
    </Modal>
  );
}

function Said({ of }: { of: string | undefined }) {
  if (!of) return null;
  return (
    <span className="wrong" role="alert">
      {of}
    </span>
  );
}
