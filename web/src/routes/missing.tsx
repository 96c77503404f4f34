import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/states';

/** What is not there and what one may not know of look the same. */
export function Missing() {
  const { t } = useTranslation();
  return (
    <Empty page title={t('missing.title')} actions={<Link to="/">{t('missing.home')}</Link>}>
      {t('missing.text')}
    </Empty>
  );
}
