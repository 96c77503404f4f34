// What goes wrong with a passkey, and why there is none here.
import InfoCircleOutlined from '@ant-design/icons/InfoCircleOutlined';
import ExclamationCircleOutlined from '@ant-design/icons/ExclamationCircleOutlined';
import { useTranslation } from 'react-i18next';
import { home, NoAnswer, passkeys } from '../lib/passkey';
import { Wrong } from './states';

export function PasskeyWrong({ problem }: { problem: unknown }) {
  const { t } = useTranslation();
  if (!(problem instanceof NoAnswer)) return <Wrong problem={problem} />;
  return (
    <p role="alert" className="notice bad">
      <ExclamationCircleOutlined />
      <span>{t(problem.there ? 'passkey.there' : 'passkey.noAnswer')}</span>
    </p>
  );
}

/** Why a passkey cannot be used on this page, and what to do instead. */
export function NoPasskeys() {
  const { t } = useTranslation();
  const why = passkeys();
  if (why === 'here') return null;
  return (
    <p className="notice">
      <InfoCircleOutlined />
      <span>
        {t(`passkey.${why}`)} {why === 'elsewhere' && <a href={home()}>{home()}</a>}
      </span>
    </p>
  );
}
