// ⑥ What came of it, and the way to take the whole back.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { count } from '../../lib/format';
import { When } from '../../parts/marks';
import { Failed, Wrong } from '../../parts/states';
import type { Import } from './shared';
import '../home.css';

export function Done({ job, put, mend }: { job: Import; put: (now: Import) => void; mend: (() => void) | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const undo = useMutation({
    mutationFn: () => ask(api.POST('/v1/imports/{id}/undo', { params: { path: { id: job.id } } })),
    onSuccess: (now) => {
      setAsking(false);
      put(now);
    },
  });
  const again = useMutation({
    mutationFn: () => ask(api.POST('/v1/imports/{id}/start', { params: { path: { id: job.id } }, body: {} })),
    onSuccess: put,
  });
  const left = useQuery({
    queryKey: ['import', job.id, 'left'],
    queryFn: () => ask(api.GET('/v1/imports/{id}/left', { params: { path: { id: job.id }, query: { limit: 50 } } })),
    enabled: job.state === 'undone' && (job.undo?.left ?? 0) > 0,
  });
  const figures: [string, number][] =
    job.state === 'undone'
      ? [
          [t('import.removed'), job.undo?.removed ?? 0],
          [t('import.restored'), job.undo?.restored ?? 0],
          [t('import.left'), job.undo?.left ?? 0],
        ]
      : [
          [t('import.imported'), job.imported],
          [t('import.updated'), job.updated],
          [t('import.mended'), job.mended],
          [t('import.duplicate'), job.duplicate],
          [t('import.skipped'), job.skipped],
          [t('import.rejected'), job.rejected],
        ];
  const undoable = ['done', 'failed', 'cancelled'].includes(job.state) && job.imported + job.updated > 0;
  return (
    <div style={{ maxWidth: 960 }}>
      {job.state === 'failed' && (
        <p className="notice bad" style={{ marginBottom: 16 }}>
          {t('import.failedText', { code: job.failed })}
        </p>
      )}
      <div className="figures">
        {figures.map(([name, n]) => (
          <div key={name}>
            <p className="figure">{count(n)}</p>
            <p className="meta">{name}</p>
          </div>
        ))}
      </div>
      {job.ended_at && (
        <p className="meta" style={{ marginTop: 8 }}>
          {t('import.ended')} <When at={job.ended_at} />
        </p>
      )}
      {left.isError && <Failed problem={left.error} />}
      {left.data && (
        <ul className="bars" style={{ marginTop: 16 }}>
          {left.data.items.map((one) => (
            <li key={one.id}>
              <code>{one.code ?? one.id}</code>
              <span className="quiet">{t(`import.why.${one.why}`, { defaultValue: one.why })}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="row wrap" style={{ marginTop: 24 }}>
        {mend && (
          <Button type="primary" onClick={mend}>
            {t('import.toMend', { n: count(job.rejected) })}
          </Button>
        )}
        {job.state === 'failed' && (
          <Button type="primary" loading={again.isPending} onClick={() => again.mutate()}>
            {t('import.goOn')}
          </Button>
        )}
        <Button onClick={() => void navigate({ to: '/dossiers' })}>{t('import.toList')}</Button>
        {undoable && <Button onClick={() => setAsking(true)}>{t('import.undo')}</Button>}
      </div>
      <Wrong problem={again.error} />
      {asking && (
        <Modal
          open
          title={t('import.undo')}
          onCancel={() => setAsking(false)}
          okText={t('import.undoDo')}
          cancelText={t('do.cancel')}
          okButtonProps={{ danger: true, loading: undo.isPending }}
          onOk={() => undo.mutate()}
          width={460}
        >
          <p>{t('import.undoText', { made: count(job.imported), changed: count(job.updated) })}</p>
          <Wrong problem={undo.error} />
        </Modal>
      )}
    </div>
  );
}
