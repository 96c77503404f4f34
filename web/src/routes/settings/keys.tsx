import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { absolute, count } from '../../lib/format';
import { tellWaits, waits } from '../../lib/waits';
import { Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';

export function Keys() {
  const { t } = useTranslation();
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => ask(api.GET('/v1/keys')), staleTime: 0 });
  const [asking, setAsking] = useState(false);
  const [all, setAll] = useState(false);
  const rotate = useMutation({
    mutationFn: () => ask(api.POST('/v1/keys/rotate', { body: { data_keys: all } })),
    onSuccess: (done) => {
      setAsking(false);
      if (waits(done)) {
        tellWaits(done);
        return;
      }
      toast(t('keys.rotated', { n: done.tenant_generation }));
      void keys.refetch();
    },
  });
  const data = keys.data;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.keys')}</h1>
        <div className="actions">
          <Button type={data?.rotation_due ? 'primary' : 'default'} onClick={() => setAsking(true)}>
            {t('keys.rotate')}
          </Button>
        </div>
      </header>
      <div className="page-body narrow">
        {keys.isError ? (
          <Failed problem={keys.error} retry={() => void keys.refetch()} />
        ) : !data ? (
          <Loading />
        ) : (
          <>
            <p className={`notice ${data.rotation_due ? 'warn' : 'good'}`} style={{ marginBottom: 24 }}>
              {t(data.rotation_due ? 'keys.due' : 'keys.fine')} {t('keys.age', { n: data.tenant_age_days })}
            </p>
            <dl className="facts-list">
              {(
                [
                  ['keys.kms', data.kms],
                  ['keys.installation', data.installation],
                  ['keys.generation', data.tenant_generation],
                  ['keys.buckets', `${count(data.buckets)} (${t('keys.renewed', { n: count(data.buckets_renewed) })})`],
                  ['keys.index', data.index_versions.join(', ')],
                  ['keys.ledger', data.ledger_key],
                  [
                    'keys.recovery',
                    data.recovery.state === 'confirmed'
                      ? t('firstRun.confirmed', { at: absolute(data.recovery.confirmed_at ?? '').slice(0, 10) })
                      : t('keys.noSheets'),
                  ],
                ] as [string, string | number][]
              ).map(([name, value]) => (
                <div key={name}>
                  <dt>{t(name)}</dt>
                  <dd>
                    <code>{value}</code>
                  </dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </div>
      {asking && (
        <Modal
          open
          title={t('keys.rotate')}
          onCancel={() => setAsking(false)}
          okText={t('keys.rotateDo')}
          cancelText={t('do.cancel')}
          okButtonProps={{ loading: rotate.isPending }}
          onOk={() => rotate.mutate()}
          width={460}
        >
          <div className="stack">
            <p>{t('keys.rotateText')}</p>
            <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
              {t('keys.dataKeys')}
            </Checkbox>
            <Wrong problem={rotate.error} />
          </div>
        </Modal>
      )}
    </div>
  );
}
