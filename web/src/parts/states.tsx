// Nothing, waiting, failed: how a section says so.
import ExclamationCircleOutlined from '@ant-design/icons/ExclamationCircleOutlined';
import { Button } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/problem';

export function Empty({
  title,
  children,
  art,
  actions,
  page = false,
}: {
  title: string;
  children?: ReactNode;
  art?: ReactNode;
  actions?: ReactNode;
  /** Whether it is all that the page has to say. */
  page?: boolean;
}) {
  return (
    <div className="state appear">
      {art && (
        <div className="art" aria-hidden="true">
          {art}
        </div>
      )}
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children && <p>{children}</p>}
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
}

/** Grey lines, after 200 ms: what is faster needs none. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const { t } = useTranslation();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div
      className="stack"
      role="status"
      aria-live="polite"
      style={{ padding: 24, visibility: late ? 'visible' : 'hidden' }}
    >
      <span className="hear">{t('state.loading')}</span>
      {Array.from({ length: lines }, (_, n) => (
        <span key={n} className="skeleton" style={{ width: `${90 - ((n * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

const words = (problem: unknown, t: (key: string) => string): string => {
  if (problem instanceof Problem) {
    if (problem.status === 0) return t('state.network');
    return problem.body.detail ?? t('state.unknown');
  }
  return t('state.unknown');
};

/** What went wrong in a section, with the code and the request's id for whoever is asked for help. */
export function Failed({ problem, retry }: { problem: unknown; retry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const body = problem instanceof Problem ? problem.body : {};
  return (
    <div className="failed appear" role="alert">
      <ExclamationCircleOutlined style={{ color: 'var(--error)', marginTop: 4 }} />
      <div className="grow">
        <p>{words(problem, t)}</p>
        {body.errors && body.errors.length > 1 && (
          <ul>
            {body.errors.map((one, n) => (
              <li key={n}>{one.detail}</li>
            ))}
          </ul>
        )}
        {body.code && (
          <details>
            <summary>{t('state.details')}</summary>
            {t('state.codes', { code: body.code, request: body.request_id })}
          </details>
        )}
      </div>
      {retry && <Button onClick={retry}>{t('do.retry')}</Button>}
    </div>
  );
}

/** The sentence alone, beside the field or the button that it is about. */
export function Wrong({ problem, id }: { problem: unknown; id?: string }) {
  const { t } = useTranslation();
  if (!problem) return null;
  return (
    <p id={id} role="alert" className="notice bad">
      <ExclamationCircleOutlined />
      <span>{words(problem, t)}</span>
    </p>
  );
}
