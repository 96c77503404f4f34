// Problems of one class, mended together: proposals taken, one value replaced everywhere, or all of them passed over.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import { FieldInput } from '../../parts/field-input';
import type { Field } from '../../lib/fields';
import { count, label } from '../../lib/format';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { language } from '../../words';
import { useUnsaved } from '../../session/store';
import type { Import } from './shared';

type Class = components['schemas']['ProblemClass'];
type Step = Omit<components['schemas']['MendProblemClass'], 'field' | 'code' | 'after'>;

/** How many values of a class can be replaced at once; the others are mended row by row. */
const most = 5;

export function Alike({ job, fields, changed }: { job: Import; fields: Field[]; changed: () => void }) {
  const { t } = useTranslation();
  const classes = useQuery({
    queryKey: ['import', job.id, 'problem-classes'],
    queryFn: () => ask(api.GET('/v1/imports/{id}/problem-classes', { params: { path: { id: job.id } } })),
    staleTime: 0,
    gcTime: 0,
  });
  const several = (classes.data?.items ?? []).filter((one) => one.rows > 1);
  if (several.length === 0) return null;
  return (
    <section aria-labelledby="alike" style={{ marginBottom: 24 }}>
      <h2 id="alike" style={{ marginTop: 16 }}>
        {t('mend.alike')}
      </h2>
      {classes.data?.more && <p className="quiet">{t('mend.alikeMore', { n: count(classes.data.looked) })}</p>}
      {several.map((one) => (
        <One
          key={`${one.problem.field ?? ''} ${one.problem.code}`}
          job={job}
          of={one}
          field={fields.find((field) => field.name === one.problem.field)}
          settled={() => {
            changed();
            void classes.refetch();
          }}
        />
      ))}
    </section>
  );
}

function One({ job, of, field, settled }: { job: Import; of: Class; field: Field | undefined; settled: () => void }) {
  const { t } = useTranslation();
  const { problem } = of;
  const [texts, setTexts] = useState<Record<string, string>>({});
  useUnsaved(Object.values(texts).some(Boolean));
  const [skipping, setSkipping] = useState(false);
  const [done, setDone] = useState(0);
  const mend = useMutation({
    mutationFn: async (step: Step) => {
      const sum = { rows: 0, taken: 0, problems: 0, skipped: 0, duplicates: 0 };
      let after: number | null = null;
      // The server takes some rows at a time; each time is whole by itself.
      do {
        const answer: components['schemas']['MendedClass'] = await ask(
          api.POST('/v1/imports/{id}/problem-classes', {
            params: { path: { id: job.id } },
            body: {
              ...(problem.field ? { field: problem.field } : {}),
              code: problem.code,
              ...step,
              ...(after === null ? {} : { after }),
            },
          }),
        );
        sum.rows += answer.rows;
        sum.taken += answer.imported + answer.updated;
        sum.problems += answer.problems;
        sum.duplicates += answer.duplicates;
        sum.skipped += answer.skipped;
        setDone(sum.rows);
        after = answer.next;
      } while (after !== null);
      return sum;
    },
    onSuccess: (sum) => {
      if (sum.skipped > 0) toast(t('mend.skippedAll', { n: count(sum.skipped) }));
      else if (sum.problems + sum.duplicates > 0)
        toast(t('mend.takenSome', { n: count(sum.taken), left: count(sum.problems + sum.duplicates) }));
      else toast(t('mend.takenAll', { n: count(sum.taken) }));
    },
    onSettled: () => {
      setSkipping(false);
      setDone(0);
      settled();
    },
  });
  const busy = mend.isPending;
  const name = field ? label(field.label) : (problem.column ?? '');
  // A number that tells a customer from others is nobody else's: it is not put into several rows.
  const several = field && !field.unique ? field : undefined;
  const values = problem.column ? of.values.slice(0, most) : [];
  return (
    <section className="mend" aria-label={t('mend.class', { name, n: count(of.rows) })}>
      <header>
        <h3>{t('mend.class', { name: name || t('mend.wholeRow'), n: count(of.rows) })}</h3>
        <span className="meta">{t('mend.first', { n: of.first })}</span>
      </header>
      <p className="why-all">{language() === 'zh' ? problem.zh : problem.en}</p>
      {several &&
        values.map(({ value, rows }, n) => (
          <form
            key={value}
            className="alike"
            onSubmit={(event) => {
              event.preventDefault();
              mend.mutate({ action: 'replace', value, text: texts[value] ?? '' });
            }}
          >
            <span className="cut">
              {value.trim() ? t('mend.same', { value, n: count(rows) }) : t('mend.sameBlank', { n: count(rows) })}
            </span>
            <FieldInput
              id={`alike-${problem.code}-${problem.field}-${n}`}
              field={several}
              value={texts[value] ?? ''}
              change={(text) => setTexts({ ...texts, [value]: text })}
            />
            <Button htmlType="submit" disabled={busy || !texts[value]}>
              {t('mend.replace', { n: count(rows) })}
            </Button>
          </form>
        ))}
      {several && !problem.column && (
        <form
          className="alike"
          onSubmit={(event) => {
            event.preventDefault();
            mend.mutate({ action: 'replace', text: texts[''] ?? '' });
          }}
        >
          <span>{t('mend.allRows', { n: count(of.rows) })}</span>
          <FieldInput
            id={`alike-${problem.code}-${problem.field}`}
            field={several}
            value={texts[''] ?? ''}
            change={(text) => setTexts({ ...texts, '': text })}
          />
          <Button htmlType="submit" disabled={busy || !texts['']}>
            {t('mend.fill', { n: count(of.rows) })}
          </Button>
        </form>
      )}
      <div className="row wrap" style={{ marginTop: 12 }}>
        {of.proposals > 0 && !skipping && (
          <Button type="primary" loading={busy} onClick={() => mend.mutate({ action: 'adopt' })}>
            {t('mend.adopt', { n: count(of.proposals) })}
          </Button>
        )}
        {skipping ? (
          <>
            <span>{t('mend.skipSure', { n: count(of.rows) })}</span>
            <Button danger loading={busy} onClick={() => mend.mutate({ action: 'skip' })}>
              {t('mend.skipAll', { n: count(of.rows) })}
            </Button>
            <Button disabled={busy} onClick={() => setSkipping(false)}>
              {t('do.cancel')}
            </Button>
          </>
        ) : (
          <Button disabled={busy} onClick={() => setSkipping(true)}>
            {t('mend.skipAll', { n: count(of.rows) })}
          </Button>
        )}
        <span className="meta" role="status">
          {busy && done > 0 ? t('mend.doneSoFar', { n: count(done) }) : ''}
        </span>
      </div>
      <Wrong problem={mend.error} />
    </section>
  );
}
