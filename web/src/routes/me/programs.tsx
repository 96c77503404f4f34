// Programs that act for one, and letting them do so no more.
import ApiOutlined from '@ant-design/icons/ApiOutlined';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import { When } from '../../parts/marks';
import { Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';

type OwnProgram = components['schemas']['OwnProgram'];

export function OwnPrograms() {
  const { t } = useTranslation();
  const held = useQuery({ queryKey: ['my-programs'], queryFn: () => ask(api.GET('/v1/me/programs')), staleTime: 0 });
  const [ending, setEnding] = useState<OwnProgram>();
  const items = held.data?.items ?? [];
  return (
    <section className="section">
      <h2 className="section-head">{t('ownPrograms.title')}</h2>
      {held.isError ? (
        <Failed problem={held.error} retry={() => void held.refetch()} />
      ) : !held.data ? (
        <Loading lines={1} />
      ) : items.length === 0 ? (
        <p className="quiet">{t('ownPrograms.none')}</p>
      ) : (
        <ul className="about">
          {items.map((one) => (
            <li key={one.id} className="row" style={{ gap: 16, minHeight: 60, borderBottom: '1px solid var(--line)' }}>
              <ApiOutlined style={{ fontSize: 18, color: 'var(--text-3)' }} />
              <span className="grow">
                <span style={{ display: 'block' }}>{one.name}</span>
                <span className="meta">
                  {t('ownPrograms.since')} <When at={one.since} /> · {t('ownPrograms.used')} <When at={one.used_at} />
                </span>
                <span className="meta" style={{ display: 'block' }}>
                  {one.may.map((right) => t(`right.${right}`)).join(t('ownPrograms.and'))}
                </span>
              </span>
              <Button size="small" onClick={() => setEnding(one)}>
                {t('ownPrograms.end')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {ending && <Withdraw one={ending} close={() => setEnding(undefined)} done={() => void held.refetch()} />}
    </section>
  );
}

function Withdraw({ one, close, done }: { one: OwnProgram; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  const withdraw = useMutation({
    mutationFn: () => ask(api.DELETE('/v1/me/programs/{id}', { params: { path: { id: one.id } } })),
    onSuccess: () => {
      toast(t('ownPrograms.ended'));
      done();
      close();
    },
  });
  return (
    <Modal
      open
      title={t('ownPrograms.endTitle', { name: one.name })}
      onCancel={close}
      okText={t('ownPrograms.end')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, loading: withdraw.isPending }}
      onOk={() => withdraw.mutate()}
      width={440}
    >
      <p>{t('ownPrograms.endText')}</p>
      <Wrong problem={withdraw.error} />
    </Modal>
  );
}
