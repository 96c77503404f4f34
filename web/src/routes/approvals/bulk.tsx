// Several requests of one sort agreed to, one after the other, with progress and what did not go through.
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { decide, known, type Request } from '../../api/approvals';
import { Problem } from '../../api/problem';
import { toast } from '../../parts/toasts';
import { run, said, type Step } from '../../tasks/store';

export function Together({ rows, close }: { rows: Request[]; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  if (rows.length === 0) return null;
  const start = () => {
    const steps: Step[] = rows.map((row) => ({
      code: row.code?.slice(0, 15) ?? row.asked_by,
      act: async () => {
        const now = await decide(row.id, { verdict: 'agree', bulk: true });
        known(client, now);
        if (!['waiting', 'agreed', 'executed'].includes(now.state))
          throw new Problem(409, { detail: t(`approval.became.${now.state}`) });
        return undefined;
      },
    }));
    close();
    void run(t('approval.together'), steps, () => undefined).then((task) => toast(said(task)));
  };
  return (
    <div className="together appear" role="region" aria-label={t('approval.together')}>
      <span role="status">{t('approval.selected', { n: rows.length })}</span>
      <span className="row">
        <Button onClick={close}>{t('bulk.clear')}</Button>
        <Button type="primary" onClick={start}>
          {t('approval.togetherDo', { n: rows.length })}
        </Button>
      </span>
    </div>
  );
}
