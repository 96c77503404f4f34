import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import CloseCircleFilled from '@ant-design/icons/CloseCircleFilled';
import { useTranslation } from 'react-i18next';
import { count } from '../../lib/format';
import { Failed } from '../../parts/states';
import type { Verification } from './verification';

/** How far it is, or what came of it. Red for the first thing that does not agree, with its number. */
export function Verdict({ state, open }: { state: Verification; open: (id: string) => void }) {
  const { t } = useTranslation();
  if (state.at === 'failed')
    return (
      <div style={{ padding: '12px 24px' }}>
        <Failed problem={state.problem} />
      </div>
    );
  if (state.at === 'running') {
    const part = Math.round((state.done / Math.max(1, state.total)) * 100);
    return (
      <div className="verdict" role="status">
        <progress max={100} value={part} aria-label={t('ledger.verify')} />
        <span>{t('verify.running', { part })}</span>
      </div>
    );
  }
  if (state.at === 'bad')
    return (
      <div className="verdict bad" role="alert">
        <CloseCircleFilled />
        <div>
          <b>{state.entry ? t('verify.firstBad', { entry: state.entry }) : t('verify.bad')}</b>
          <p>{t(`verify.${state.why}`)}</p>
          {state.entry && (
            <button
              type="button"
              className="plain"
              style={{ textDecoration: 'underline' }}
              onClick={() => open(state.entry ?? '')}
            >
              {t('verify.show')}
            </button>
          )}
        </div>
      </div>
    );
  return (
    <div className="verdict good appear" role="status">
      <CheckCircleFilled />
      <div>
        <b>{t('verify.good', { n: count(state.entries) })}</b>
        <p>
          {t('verify.under', { size: count(state.checkpoint.size) })} <code>{state.checkpoint.root}</code>
        </p>
        <p>
          {state.since === undefined ? t('verify.first') : t('verify.since', { size: count(state.since) })}{' '}
          {t('verify.where')}
        </p>
      </div>
    </div>
  );
}
