// A new password: its rule said before, how long it is said while, and shown when somebody wants to see it.
import { Input } from 'antd';
import { useTranslation } from 'react-i18next';

/** Which rules hold, as the server was told. */
const mlps3 = () => document.querySelector<HTMLMetaElement>('meta[name=dossier-passwords]')?.content === 'mlps3';

const least = () => (mlps3() ? 10 : 12);

export const passwordFits = (text: string): boolean => {
  const length = Array.from(text).length;
  return length >= least() && length <= 128;
};

export function NewPassword({
  id,
  value,
  change,
  wrong,
}: {
  id: string;
  value: string;
  change: (text: string) => void;
  wrong?: string | undefined;
}) {
  const { t } = useTranslation();
  const length = Array.from(value).length;
  return (
    <div className="field">
      <label htmlFor={id}>{t('password.new')}</label>
      <Input.Password
        id={id}
        size="large"
        autoComplete="new-password"
        aria-describedby={`${id}-hint`}
        status={wrong ? 'error' : ''}
        value={value}
        onChange={(event) => change(event.target.value)}
      />
      {wrong ? (
        <span id={`${id}-hint`} className="wrong" role="alert">
          {wrong}
        </span>
      ) : (
        <span id={`${id}-hint`} className="hint">
          {length > 0 && length < least()
            ? t('password.more', { n: least() - length })
            : t(mlps3() ? 'password.ruleMlps3' : 'password.rule')}
        </span>
      )}
    </div>
  );
}
