// A new dossier: the few fields that matter first, the others on demand. What is wrong stands beside its field.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { kindsQuery } from '../../api/queries';
import type { components } from '../../api/schema';
import { typed, type Field } from '../../lib/fields';
import { label } from '../../lib/format';
import { FieldInput } from '../../parts/field-input';
import { Level, Stage } from '../../parts/marks';
import { Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useUnsaved } from '../../session/store';

const first = [
  'name',
  'subject',
  'document_type',
  'document_number',
  'phone',
  'email',
  'industry',
  'source_channel',
  'province',
  'city',
];
const sources = [
  'visit',
  'business_card',
  'website',
  'annual_report',
  'prospectus',
  'government_register',
  'dnb',
  'qichacha',
  'tianyancha',
  'qixinbao',
  'linkedin',
  'tender_file',
];

export function NewDossier() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const kinds = useQuery(kindsQuery);
  const kind = kinds.data?.items.find((one) => one.prefix === 'dos');
  const [values, setValues] = useState<Record<string, string>>({ subject: 'A' });
  const [stage, setStage] = useState(0);
  const [level, setLevel] = useState('L2');
  const [source, setSource] = useState<string>();
  const [all, setAll] = useState(false);
  useUnsaved(Object.entries(values).some(([name, text]) => name !== 'subject' && text));

  const create = useMutation({
    mutationFn: () => {
      const fields = Object.fromEntries(
        (kind?.fields ?? []).flatMap((field) =>
          values[field.name] ? [[field.name, typed(field, values[field.name] ?? '')]] : [],
        ),
      );
      return ask(
        api.POST('/v1/dossiers', {
          body: { fields, stage, level, ...(source ? { source } : {}) } as components['schemas']['NewDossier'],
        }),
      );
    },
    onSuccess: (dossier) => {
      void client.invalidateQueries({ queryKey: ['dossiers'] });
      toast(t('new.done'));
      void navigate({ to: '/dossiers/$id', params: { id: dossier.id }, replace: true });
    },
  });
  if (kinds.isError) return <Failed problem={kinds.error} />;
  if (!kind) return <Loading />;
  const problem = create.error instanceof Problem ? create.error : undefined;
  const visible = kind.fields.filter((field) => field.shown !== 'hidden');
  const shown = [
    ...first.flatMap((name) => visible.find((field) => field.name === name) ?? []),
    ...(all
      ? visible.filter((field) => !first.includes(field.name))
      : visible.filter((field) => problem?.about(field.name) && !first.includes(field.name))),
  ];
  const told = shown.some((field) => problem?.about(field.name));
  const one = (field: Field) => {
    const wrong = problem?.about(field.name);
    return (
      <div key={field.name} className={`field ${field.max_length > 300 ? 'whole' : ''}`}>
        <label htmlFor={`new-${field.name}`}>
          {label(field.label)}
          {field.required_from === 'lead' ? ' *' : ''}
        </label>
        <FieldInput
          id={`new-${field.name}`}
          field={field}
          value={values[field.name] ?? ''}
          change={(text) => setValues({ ...values, [field.name]: text })}
          wrong={Boolean(wrong)}
          describedBy={wrong ? `new-${field.name}-wrong` : undefined}
        />
        {wrong && (
          <span id={`new-${field.name}-wrong`} className="wrong" role="alert">
            {wrong}
          </span>
        )}
      </div>
    );
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('list.new')}</h1>
      </header>
      <form className="page-body narrow" onSubmit={send} autoComplete="off">
        <div className="form-grid">
          {shown.map(one)}
          <div className="field">
            <label htmlFor="new-stage">{t('filter.stage')}</label>
            <Select
              id="new-stage"
              aria-label={t('filter.stage')}
              value={stage}
              onChange={setStage}
              options={[0, 1, 2, 3, 4, 5].map((key) => ({ value: key, label: <Stage of={key} /> }))}
            />
          </div>
          <div className="field">
            <label htmlFor="new-level">{t('filter.level')}</label>
            <Select
              id="new-level"
              aria-label={t('filter.level')}
              value={level}
              onChange={setLevel}
              options={['L1', 'L2', 'L3', 'L4'].map((key) => ({ value: key, label: <Level of={key} /> }))}
            />
          </div>
          <div className="field">
            <label htmlFor="new-source">{t('origin.source')}</label>
            <Select
              id="new-source"
              aria-label={t('origin.source')}
              allowClear
              placeholder={t('edit.choose')}
              value={source}
              onChange={setSource}
              options={sources.map((key) => ({ value: key, label: t(`source.${key}`) }))}
            />
          </div>
        </div>
        <button
          type="button"
          className="plain meta"
          style={{ color: 'var(--link)', minHeight: 44 }}
          onClick={() => setAll(!all)}
        >
          {t(all ? 'new.fewer' : 'new.more')}
        </button>
        {!told && <Wrong problem={create.error} />}
        <div className="form-foot">
          <Button onClick={() => void navigate({ to: '/dossiers' })}>{t('do.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={create.isPending} disabled={!values.name?.trim()}>
            {t('new.do')}
          </Button>
        </div>
      </form>
    </div>
  );
}
