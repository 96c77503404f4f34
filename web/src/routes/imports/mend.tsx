// ⑤ Rows with a problem, mended where they stand; and rows whose customer is there, decided one by one.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import { api, ask, askText } from '../../api/client';
import { Problem } from '../../api/problem';
import type { components } from '../../api/schema';
import { kindsQuery } from '../../api/queries';
import type { Field } from '../../lib/fields';
import { count, label } from '../../lib/format';
import { FieldInput } from '../../parts/field-input';
import { Empty, Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { language } from '../../words';
import { useUnsaved } from '../../session/store';
import { Alike } from './alike';
import type { Import } from './shared';

type ProblemRow = components['schemas']['ProblemRow'];
type RowProblem = components['schemas']['ImportProblem'];

export function Mend({ job, changed, finish }: { job: Import; changed: () => void; finish: () => void }) {
  const { t } = useTranslation();
  const path = { id: job.id };
  const problems = useQuery({
    queryKey: ['import', job.id, 'problems'],
    queryFn: () => ask(api.GET('/v1/imports/{id}/problems', { params: { path, query: { limit: 50 } } })),
    staleTime: 0,
    gcTime: 0,
  });
  const duplicates = useQuery({
    queryKey: ['import', job.id, 'duplicates'],
    queryFn: () =>
      ask(api.GET('/v1/imports/{id}/duplicates', { params: { path, query: { waiting: true, limit: 50 } } })),
    enabled: job.duplicates === 'review' && job.duplicate > 0,
    staleTime: 0,
    gcTime: 0,
  });
  const kinds = useQuery(kindsQuery);
  const fields = kinds.data?.items.find((kind) => kind.prefix === 'dos')?.fields ?? [];
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  const settled = (row: number) => {
    setGone(new Set([...gone, row]));
    changed();
  };
  const download = async () => {
    const text = await askText(`/v1/imports/${job.id}/problems.csv`);
    const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${job.id}.problems.csv`;
    link.click();
    URL.revokeObjectURL(url);
  };
  if (problems.isError) return <Failed problem={problems.error} retry={() => void problems.refetch()} />;
  if (!problems.data) return <Loading />;
  const rows = problems.data.items.filter((row) => !gone.has(row.row));
  const waiting = (duplicates.data?.items ?? []).filter((row) => !gone.has(row.row));
  return (
    <div className="narrow" style={{ maxWidth: 960 }}>
      {rows.length > 0 && (
        <div className="row between wrap">
          <p className="quiet">{t('mend.text', { n: count(job.rejected) })}</p>
          <Button onClick={() => void download()}>{t('mend.download')}</Button>
        </div>
      )}
      {job.rejected > 1 && (
        <Alike
          job={job}
          fields={fields}
          changed={() => {
            changed();
            void problems.refetch();
          }}
        />
      )}
      {job.rejected > 1 && rows.length > 0 && <h2>{t('mend.oneByOne')}</h2>}
      {rows.map((row) => (
        // Mended with others of its class it begins anew with what is wrong now.
        <One
          key={`${row.row} ${row.problems.map((one) => one.code).join(' ')}`}
          job={job}
          row={row}
          fields={fields}
          settled={() => settled(row.row)}
        />
      ))}
      {rows.length === 0 && problems.data.next !== null && (
        <Button onClick={() => void problems.refetch()}>{t('mend.nextRows')}</Button>
      )}
      {waiting.length > 0 && <h2 style={{ marginTop: 24 }}>{t('mend.duplicates')}</h2>}
      {waiting.map((row) => (
        <section key={row.row} className="mend" aria-label={t('mend.row', { n: row.row })}>
          <header>
            <h3>{t('mend.row', { n: row.row })}</h3>
            {row.record ? (
              <Link to="/dossiers/$id" params={{ id: row.record.id }}>
                {row.record.fields.name ?? row.record.code}
              </Link>
            ) : (
              <span className="quiet">{row.same_as ? t('mend.sameAs', { n: row.same_as }) : (row.code ?? '')}</span>
            )}
          </header>
          <p className="quiet" style={{ marginBottom: 8, overflowWrap: 'anywhere' }}>
            {Object.values(row.cells ?? {})
              .filter(Boolean)
              .slice(0, 6)
              .join(' · ')}
          </p>
          <Decide job={job} row={row.row} settled={() => settled(row.row)} />
        </section>
      ))}
      {rows.length === 0 && waiting.length === 0 && problems.data.next === null && <Empty title={t('mend.none')} />}
      <div className="form-foot" style={{ justifyContent: 'flex-start' }}>
        <Button type={rows.length === 0 ? 'primary' : 'default'} onClick={finish}>
          {t('mend.finish')}
        </Button>
      </div>
    </div>
  );
}

const words = (problem: RowProblem) => (language() === 'zh' ? problem.zh : problem.en);

function One({ job, row, fields, settled }: { job: Import; row: ProblemRow; fields: Field[]; settled: () => void }) {
  const { t } = useTranslation();
  const path = { id: job.id, row: row.row };
  const [cells, setCells] = useState(row.cells);
  const [problems, setProblems] = useState(row.problems);
  const [all, setAll] = useState(false);
  // Fields that no column of the file has are said of the row; what the name tells stands there to be agreed to.
  const wanting = (of: RowProblem[]) =>
    fields.filter((field) => of.some((one) => !one.column && one.field === field.name));
  const proposed = row.problems.filter((one) => !one.column && one.field && one.proposal);
  const begin: Record<string, string> = {
    ...Object.fromEntries(proposed.map((one) => [one.field ?? '', one.proposal ?? ''])),
    ...row.fields,
  };
  const [said, setSaid] = useState(begin);
  const bad = new Set(problems.map((problem) => problem.column).filter(Boolean));
  const shown = Object.keys(row.cells).filter(
    (column) => all || bad.has(column) || row.problems.some((one) => one.column === column),
  );
  const missing = wanting([...row.problems, ...problems]);
  // A problem that names no column and no field may be mended in any.
  const columns = shown.length > 0 || missing.length > 0 ? shown : Object.keys(row.cells);
  const mend = useMutation({
    mutationFn: () => {
      const now = Object.fromEntries(Object.entries(cells).filter(([column, text]) => row.cells[column] !== text));
      const told = Object.fromEntries(
        Object.entries(said).filter(([field, text]) => text && row.fields?.[field] !== text),
      );
      const body = {
        ...(Object.keys(now).length > 0 ? { cells: now } : {}),
        ...(Object.keys(told).length > 0 ? { fields: told } : {}),
      };
      return ask(api.PATCH('/v1/imports/{id}/problems/{row}', { params: { path }, body }));
    },
    onSuccess: (answer) => {
      if (answer.problems && answer.problems.length > 0) setProblems(answer.problems);
      else {
        toast(t('mend.taken', { n: row.row }));
        settled();
      }
    },
  });
  const skip = useMutation({
    mutationFn: () => ask(api.DELETE('/v1/imports/{id}/problems/{row}', { params: { path } })),
    onSuccess: settled,
  });
  const same =
    Object.entries(cells).every(([column, text]) => row.cells[column] === text) &&
    Object.entries(said).every(([field, text]) => !text || row.fields?.[field] === text);
  useUnsaved(
    Object.entries(cells).some(([column, text]) => row.cells[column] !== text) ||
      Object.entries(said).some(([field, text]) => (begin[field] ?? '') !== text),
  );
  return (
    <section className="mend" aria-label={t('mend.row', { n: row.row })}>
      <header>
        <h3>{t('mend.row', { n: row.row })}</h3>
        <span className="meta">{Object.values(row.cells)[0]}</span>
      </header>
      <ul className="why" role="status">
        {problems.map((problem, n) => (
          <li key={n}>{words(problem)}</li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mend.mutate();
        }}
      >
        <div className="cells">
          {missing.map((field) => (
            <div key={field.name} className="field">
              <label htmlFor={`mend-${row.row}-${field.name}`}>{label(field.label)}</label>
              <FieldInput
                id={`mend-${row.row}-${field.name}`}
                field={field}
                value={said[field.name] ?? ''}
                change={(text) => setSaid({ ...said, [field.name]: text })}
                wrong={problems.some((one) => one.field === field.name && !one.proposal)}
              />
              {proposed.some((one) => one.field === field.name && one.proposal === said[field.name]) && (
                <p className="meta">{t('mend.byName')}</p>
              )}
            </div>
          ))}
          {columns.map((column) => (
            <div key={column} className="field">
              <label htmlFor={`mend-${row.row}-${column}`}>{column}</label>
              <Input
                id={`mend-${row.row}-${column}`}
                autoComplete="off"
                status={bad.has(column) ? 'error' : ''}
                value={cells[column] ?? ''}
                onChange={(event) => setCells({ ...cells, [column]: event.target.value })}
              />
            </div>
          ))}
        </div>
        <div className="row" style={{ marginTop: 12 }}>
          <Button type="primary" htmlType="submit" loading={mend.isPending} disabled={same}>
            {t('mend.do')}
          </Button>
          <Button loading={skip.isPending} onClick={() => skip.mutate()}>
            {t('mend.skip')}
          </Button>
          {columns.length < Object.keys(row.cells).length && (
            <Button type="text" onClick={() => setAll(true)}>
              {t('mend.all')}
            </Button>
          )}
        </div>
      </form>
      {mend.error instanceof Problem && <Wrong problem={mend.error} />}
      {skip.error instanceof Problem && <Wrong problem={skip.error} />}
    </section>
  );
}

function Decide({ job, row, settled }: { job: Import; row: number; settled: () => void }) {
  const { t } = useTranslation();
  const decide = useMutation({
    mutationFn: (decision: 'skip' | 'update') =>
      ask(api.POST('/v1/imports/{id}/duplicates/{row}', { params: { path: { id: job.id, row } }, body: { decision } })),
    onSuccess: settled,
  });
  return (
    <>
      <div className="row">
        <Button type="primary" loading={decide.isPending} onClick={() => decide.mutate('update')}>
          {t('import.duplicates.update')}
        </Button>
        <Button onClick={() => decide.mutate('skip')}>{t('import.duplicates.skip')}</Button>
      </div>
      <Wrong problem={decide.error} />
    </>
  );
}
