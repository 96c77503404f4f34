// What is about to change, and for how many; nothing is saved before somebody has seen it.
import { useQuery } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../../../api/queries';
import { difference, impact, type Draft, type Role } from '../../../lib/roles';
import { Wrong } from '../../../parts/states';
import { Differences } from './differences';

interface Props {
  role: Role | undefined;
  before: Draft;
  draft: Draft;
  roles: Role[];
  problem: unknown;
  busy: boolean;
  close: () => void;
  save: () => void;
}

export function Review({ role, before, draft, roles, problem, busy, close, save }: Props) {
  const { t } = useTranslation();
  const kinds = useQuery(kindsQuery);
  const moved = difference(before, draft);
  const sum = kinds.data && impact(before, draft, roles, kinds.data.items, role?.id);
  const name = draft.name.trim();
  return (
    <Modal
      open
      title={t(role ? 'roles.saveTitle' : 'roles.addTitle', { name })}
      onCancel={close}
      okText={t(role ? 'roles.saveNow' : 'roles.addDo')}
      cancelText={t('do.cancel')}
      okButtonProps={{ loading: busy, autoFocus: true }}
      onOk={save}
      width={640}
    >
      <div className="stack small">
        <p>{role && role.holders > 0 ? t('roles.holdersNow', { n: role.holders }) : t('roles.nobodyNow')}</p>
        {sum && sum.more + sum.less > 0 && <p className="quiet">{t('roles.sum', sum)}</p>}
        {moved.length > 0 && <Differences of={moved} />}
        <Wrong problem={problem} />
      </div>
    </Modal>
  );
}
