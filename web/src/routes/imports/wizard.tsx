// An import after its file is there. Its progress is the server's: leaving the page, or a crash, loses nothing.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { importQuery } from '../../api/queries';
import { count } from '../../lib/format';
import { Failed, Loading, Wrong } from '../../parts/states';
import { useSession } from '../../session/store';
import { Missing } from '../missing';
import { Done } from './done';
import { Mapping } from './mapping';
import { Mend } from './mend';
import { Preview } from './preview';
import { ImportState, stepOf, type Import, type Step } from './shared';
import { Steps } from './steps';
import './imports.css';

export function ImportWizard() {
  const { t } = useTranslation();
  const { id, step: asked } = useParams({ strict: false }) as { id: string; step?: string };
  const { user } = useSession();
  const navigate = useNavigate();
  const client = useQueryClient();
  const query = useQuery({
    ...importQuery(id),
    // While the server is at work it is asked how far it is, because somebody watches.
    refetchInterval: (now) =>
      ['running', 'undoing', 'uploading'].includes(now.state.data?.state ?? '') ? 1000 : false,
  });
  const job = query.data;
  const put = (now: Import) => client.setQueryData(importQuery(id).queryKey, now);
  const cancel = useMutation({
    mutationFn: () => ask(api.POST('/v1/imports/{id}/cancel', { params: { path: { id } } })),
    onSuccess: put,
  });
  if (query.error instanceof Problem && [400, 404].includes(query.error.status)) return <Missing />;
  if (query.isError)
    return (
      <div className="page-body">
        <Failed problem={query.error} retry={() => void query.refetch()} />
      </div>
    );
  if (!job) return <Loading />;
  const natural = stepOf(job);
  const back = (natural === 'preview' && asked === 'map') || (natural === 'mend' && asked === 'done');
  const step: Step = back ? (asked as Step) : natural;
  const go = (to: Step) => void navigate({ to: '/imports/$id/$step', params: { id, step: to } });
  const mine = job.by === user.name;
  const canCancel = ['uploaded', 'ready', 'running'].includes(job.state);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{job.name}</h1>
        <ImportState of={job.state} />
        <div className="actions">
          {canCancel && (
            <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
              {t('import.cancel')}
            </Button>
          )}
        </div>
      </header>
      <Steps at={step} counts={job.rejected > 0 ? { mend: count(job.rejected) } : {}} />
      <div className="page-body">
        <Wrong problem={cancel.error} />
        {!mine && <p className="notice">{t('import.notMine', { name: job.by })}</p>}
        {step === 'map' && mine && <Mapping job={job} done={() => void query.refetch().then(() => go('preview'))} />}
        {step === 'preview' && mine && <Preview job={job} remap={() => go('map')} started={put} />}
        {step === 'run' && <Running job={job} />}
        {step === 'mend' && mine && <Mend job={job} changed={() => void query.refetch()} finish={() => go('done')} />}
        {(step === 'done' || (step === 'mend' && !mine)) && (
          <Done job={job} put={put} mend={natural === 'mend' && mine ? () => go('mend') : undefined} />
        )}
      </div>
    </div>
  );
}

function Running({ job }: { job: Import }) {
  const { t } = useTranslation();
  const undoing = job.state === 'undoing';
  const done = undoing ? (job.undo?.removed ?? 0) + (job.undo?.restored ?? 0) + (job.undo?.left ?? 0) : job.rows;
  const total = undoing ? job.imported + job.updated : job.total;
  return (
    <div className="run-box">
      <p className="figure">{Math.floor((done / Math.max(1, total)) * 100)}%</p>
      <progress
        max={Math.max(1, total)}
        value={done}
        aria-label={t(undoing ? 'import.state.undoing' : 'import.state.running')}
      />
      <p role="status">
        {t(undoing ? 'import.undone' : 'import.progress', { done: count(done), total: count(total) })}
      </p>
      <p className="meta">{t('import.leave')}</p>
    </div>
  );
}
