// ② Which column is which field. What is left out is said, not dropped in silence.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Input, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { kindsQuery } from '../../api/queries';
import { label } from '../../lib/format';
import { Failed, Loading, Wrong } from '../../parts/states';
import { language } from '../../words';
import { useUnsaved } from '../../session/store';
import type { Import } from './shared';
import '../../styles/table.css';

export function Mapping({ job, done }: { job: Import; done: () => void }) {
  const { t } = useTranslation();
  const path = { id: job.id };
  const kinds = useQuery(kindsQuery);
  const mapping = useQuery({
    queryKey: ['import', job.id, 'mapping'],
    queryFn: () => ask(api.GET('/v1/imports/{id}/mapping', { params: { path } })),
    staleTime: 0,
  });
  const kept = useQuery({
    queryKey: ['import-mappings'],
    queryFn: () => ask(api.GET('/v1/import-mappings')),
    staleTime: 0,
  });
  const [changed, setChanged] = useState<Record<string, string | null>>({});
  const [units, setUnits] = useState<Record<string, string>>({});
  const [byName, setByName] = useState<boolean>();
  const [name, setName] = useState('');
  useUnsaved(Object.keys(changed).length > 0 || Object.keys(units).length > 0 || name !== '');
  const blocked = useRef<HTMLParagraphElement>(null);
  const save = useMutation({
    mutationFn: () =>
      ask(
        api.PUT('/v1/imports/{id}/mapping', {
          params: { path },
          body: {
            // What is not named stays as it is.
            ...(Object.keys(changed).length > 0 ? { columns: changed } : {}),
            ...(byName === undefined ? {} : { subject_by_name: byName }),
            ...(Object.keys(units).length > 0 ? { units } : {}),
            ...(name.trim() ? { save_as: name.trim() } : {}),
          },
        }),
      ),
    onSuccess: (now) => {
      if (now.ready) done();
      else void mapping.refetch();
    },
  });
  const untouched =
    Object.keys(changed).length === 0 && Object.keys(units).length === 0 && byName === undefined && !name.trim();
  const use = useMutation({
    mutationFn: (saved: string) => ask(api.PUT('/v1/imports/{id}/mapping', { params: { path }, body: { saved } })),
    onSuccess: () => {
      setChanged({});
      setByName(undefined);
      void mapping.refetch();
    },
  });
  if (mapping.isError) return <Failed problem={mapping.error} retry={() => void mapping.refetch()} />;
  if (!mapping.data || !kinds.data) return <Loading />;
  const fields =
    kinds.data.items.find((kind) => kind.prefix === 'dos')?.fields.filter((field) => field.shown !== 'hidden') ?? [];
  const options = [
    { value: '', label: t('map.leave') },
    { value: 'stage', label: t('filter.stage') },
    { value: 'level', label: t('filter.level') },
    ...fields.map((field) => ({ value: field.name, label: label(field.label) })),
  ];
  const columns = mapping.data.columns;
  const fieldOf = (column: (typeof columns)[number]) => {
    const mine = changed[column.column];
    return mine === undefined ? column.field : mine;
  };
  const mapped = columns.filter((column) => fieldOf(column)).length;
  const problem = mapping.data.problem;
  const subject = fields.find((field) => field.name === 'subject');
  const asked = !columns.some((column) => fieldOf(column) === 'subject');
  const next = () => {
    if (!untouched) save.mutate();
    else if (mapping.data.ready) done();
    // Nothing was changed and something is still to be mapped: that stands above the table.
    else blocked.current?.focus();
  };
  return (
    <>
      <div className="row between wrap" style={{ marginBottom: 16 }}>
        <p className="quiet">{t('map.sum', { mapped, all: columns.length })}</p>
        {(kept.data?.items.length ?? 0) > 0 && (
          <Select
            aria-label={t('map.kept')}
            placeholder={t('map.kept')}
            popupMatchSelectWidth={false}
            value={null}
            onChange={(saved: string | null) => saved && use.mutate(saved)}
            options={kept.data?.items.map((one) => ({ value: one.name, label: one.name })) ?? []}
          />
        )}
      </div>
      {problem && (
        <p ref={blocked} tabIndex={-1} role="alert" className="notice warn">
          {language() === 'zh' ? problem.zh : problem.en}
        </p>
      )}
      <div className="table-wrap" style={{ margin: '0 -24px' }}>
        <table className="table stacks mapping">
          <thead>
            <tr>
              <th scope="col" style={{ paddingLeft: 24 }}>
                {t('map.column')}
              </th>
              <th scope="col">{t('map.field')}</th>
              <th scope="col">{t('map.how')}</th>
              <th scope="col">{t('map.unit')}</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => {
              const field = fieldOf(column);
              const money = fields.find((one) => one.name === field)?.type === 'money';
              return (
                <tr key={column.column}>
                  <td style={{ paddingLeft: 24 }}>{column.column}</td>
                  <td data-label={t('map.field')}>
                    <Select
                      aria-label={t('map.fieldOf', { column: column.column })}
                      showSearch={{ optionFilterProp: 'label' }}
                      value={field ?? ''}
                      onChange={(next: string) => setChanged({ ...changed, [column.column]: next || null })}
                      options={options}
                    />
                  </td>
                  <td data-label={t('map.how')} className="quiet">
                    {changed[column.column] === undefined
                      ? `${t(`map.by.${column.by}`)}${column.by === 'header' || column.by === 'content' ? ` ${column.confidence}%` : ''}`
                      : t('map.by.hand')}
                  </td>
                  <td data-label={t('map.unit')}>
                    {money && (
                      <Input
                        aria-label={t('map.unitOf', { column: column.column })}
                        style={{ width: 96 }}
                        placeholder={t('map.unitHint')}
                        value={units[column.column] ?? column.unit ?? ''}
                        onChange={(event) => setUnits({ ...units, [column.column]: event.target.value })}
                      />
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {subject && asked && (
        <Checkbox
          style={{ marginTop: 16 }}
          checked={byName ?? mapping.data.subject_by_name}
          onChange={(event) => setByName(event.target.checked)}
        >
          {t('map.byName', { field: label(subject.label) })}
        </Checkbox>
      )}
      <div className="form-foot" style={{ justifyContent: 'flex-start', flexWrap: 'wrap' }}>
        <Button type="primary" loading={save.isPending} onClick={next}>
          {t('map.next')}
        </Button>
        <Input
          style={{ width: 240 }}
          aria-label={t('map.keep')}
          placeholder={t('map.keep')}
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <Wrong problem={save.error ?? use.error} />
    </>
  );
}
