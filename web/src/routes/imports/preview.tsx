// ③ The first rows, before → normalised. Nothing is in yet.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { kindsQuery } from '../../api/queries';
import { written, type Field } from '../../lib/fields';
import { count, label } from '../../lib/format';
import { Failed, Loading, Wrong } from '../../parts/states';
import { language } from '../../words';
import type { Import } from './shared';
import '../../styles/table.css';

export function Preview({ job, remap, started }: { job: Import; remap: () => void; started: (now: Import) => void }) {
  const { t } = useTranslation();
  const path = { id: job.id };
  const preview = useQuery({
    queryKey: ['import', job.id, 'preview'],
    queryFn: () => ask(api.GET('/v1/imports/{id}/preview', { params: { path, query: { limit: 20 } } })),
    staleTime: 0,
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: () => ask(api.POST('/v1/imports/{id}/start', { params: { path }, body: {} })),
    onSuccess: started,
  });
  const kinds = useQuery(kindsQuery);
  // The preview names columns; what their values mean is said by the fields that they go to.
  const mapping = useQuery({
    queryKey: ['import', job.id, 'mapping'],
    queryFn: () => ask(api.GET('/v1/imports/{id}/mapping', { params: { path } })),
    staleTime: 0,
  });
  const fieldOf = (column: string) => {
    const name = mapping.data?.columns.find((one) => one.column === column)?.field;
    return kinds.data?.items.find((kind) => kind.prefix === 'dos')?.fields.find((field) => field.name === name);
  };
  if (preview.isError) return <Failed problem={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data) return <Loading />;
  const rows = preview.data.items;
  const columns = rows[0]?.cells.map((cell) => cell.column) ?? [];
  const subject = kinds.data?.items.find((kind) => kind.prefix === 'dos')?.fields.find((one) => one.name === 'subject');
  const byName = rows.some((row) => row.subject_by_name !== undefined);
  const bad = rows.filter((row) => row.problems.length > 0).length;
  return (
    <>
      <p className="quiet" style={{ marginBottom: 16 }}>
        {t('preview.text', { n: rows.length, all: count(job.total), bad })}
      </p>
      <div
        className="table-wrap"
        style={{ margin: '0 -24px' }}
        tabIndex={0}
        role="region"
        aria-label={t('import.step.preview')}
      >
        <table className="table">
          <thead>
            <tr>
              <th scope="col" style={{ paddingLeft: 24 }}>
                {t('preview.row')}
              </th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
              {byName && <th scope="col">{subject && label(subject.label)}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.row}>
                <td style={{ paddingLeft: 24 }} className="quiet">
                  {row.row}
                </td>
                {row.problems.length > 0 ? (
                  <td colSpan={columns.length + (byName ? 1 : 0)} className="wide" style={{ color: 'var(--error)' }}>
                    {row.problems.map((problem, n) => (
                      <p key={n}>{language() === 'zh' ? problem.zh : problem.en}</p>
                    ))}
                  </td>
                ) : (
                  <>
                    {row.cells.map((cell) => (
                      <td key={cell.column}>
                        <Change raw={cell.raw} value={cell.value} aside={cell.aside} field={fieldOf(cell.column)} />
                      </td>
                    ))}
                    {byName && (
                      <td>
                        {row.subject_by_name && (
                          <>
                            {written(subject, row.subject_by_name)} <span className="tag">{t('preview.byName')}</span>
                          </>
                        )}
                      </td>
                    )}
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="form-foot" style={{ justifyContent: 'flex-start' }}>
        <Button type="primary" loading={start.isPending} onClick={() => start.mutate()}>
          {t('preview.start', { n: count(job.total) })}
        </Button>
        <Button onClick={remap}>{t('preview.remap')}</Button>
      </div>
      <Wrong problem={start.error} />
    </>
  );
}

function Change({
  raw,
  value,
  aside,
  field,
}: {
  raw: string;
  value: string | null;
  aside: boolean;
  field: Field | undefined;
}) {
  const { t } = useTranslation();
  if (aside)
    return (
      <span className="cut">
        {raw} <span className="tag">{t('preview.aside')}</span>
      </span>
    );
  if (value === null) return <span className="meta cut">{raw ? t('preview.leftOut') : '—'}</span>;
  const money = /^(-?[\d.]+) ([A-Z]{3})$/.exec(value);
  const shown = written(field, money ? { amount: money[1], currency: money[2] } : value);
  if (shown === raw) return <span className="cut">{raw}</span>;
  return (
    <span className="two-lines">
      <span className="cell-after">{shown}</span>
      <del className="meta">{raw}</del>
    </span>
  );
}
