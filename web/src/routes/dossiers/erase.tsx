import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import type { Dossier } from '../../lib/fields';
import { tellWaits, waits } from '../../lib/waits';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';

/** Nothing brings an erased dossier back, so the code's last digits have to be typed. */
export function Erase({ dossier, close }: { dossier: Dossier; close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const wanted = dossier.code.slice(11, 15);
  const erase = useMutation({
    mutationFn: () => ask(api.DELETE('/v1/dossiers/{id}', { params: { path: { id: dossier.id } } })),
    onSuccess: (now) => {
      if (waits(now)) {
        tellWaits(now);
        close();
        return;
      }
      client.removeQueries({ queryKey: ['dossier', dossier.id] });
      void client.invalidateQueries({ queryKey: ['dossiers'] });
      toast(t('erase.done'));
      void navigate({ to: '/dossiers' });
    },
  });
  return (
    <Modal
      open
      title={t('erase.title')}
      onCancel={close}
      okText={t('erase.do')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, disabled: text.trim().toUpperCase() !== wanted, loading: erase.isPending }}
      onOk={() => erase.mutate()}
      width={460}
    >
      <div className="stack">
        <p>{t('erase.text')}</p>
        <div className="field">
          <label htmlFor="erase-code">{t('erase.type', { code: wanted })}</label>
          <Input
            id="erase-code"
            autoFocus
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Wrong problem={erase.error} />
      </div>
    </Modal>
  );
}
