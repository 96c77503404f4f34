import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { removeRole } from '../../../api/roles';
import type { Role } from '../../../lib/roles';
import { tellWaits, waits } from '../../../lib/waits';
import { Wrong } from '../../../parts/states';
import { toast } from '../../../parts/toasts';
import { forgetRole } from './known';

export function Remove({ role, gone, close }: { role: Role; gone: () => void; close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeRole(role.id),
    onSuccess: (now) => {
      if (waits(now)) {
        tellWaits(now);
        close();
        return;
      }
      toast(t('roles.removed', { name: role.name }));
      gone();
      close();
      void navigate({ to: '/settings/roles' }).then(() => forgetRole(client, role.id));
    },
  });
  return (
    <Modal
      open
      title={t('roles.removeOf', { name: role.name })}
      onCancel={close}
      okText={t('roles.remove')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, loading: remove.isPending }}
      onOk={() => remove.mutate()}
      width={440}
    >
      <div className="stack">
        <p>{t('roles.removeText')}</p>
        <Wrong problem={remove.error} />
      </div>
    </Modal>
  );
}
