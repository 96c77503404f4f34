// The fail-closed page: without keys or ledger nothing is shown, and this says which of them is missing.
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem';
import { Brand } from '../parts/marks';

export function Closed({ problem, keys, retry }: { problem: Problem; keys: boolean; retry: () => void }) {
  const { t } = useTranslation();
  return (
    <main className="gate">
      <div className="gate-box">
        <p className="brand">
          <Brand />
        </p>
        <h1>{keys ? t('closed.title') : t('closed.unreachable')}</h1>
        <p className="quiet" role="alert" style={{ marginTop: 8 }}>
          {problem.body.detail ?? t('state.network')}
        </p>
        {problem.body.code && (
          <p className="meta" style={{ marginTop: 8 }}>
            {t('state.codes', { code: problem.body.code, request: problem.body.request_id })}
          </p>
        )}
        <Button type="primary" block style={{ marginTop: 24 }} onClick={retry}>
          {t('do.retry')}
        </Button>
      </div>
    </main>
  );
}
