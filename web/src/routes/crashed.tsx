import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/states';

/** A mistake of the page's own: said without what it was about. */
export function Crashed() {
  const { t } = useTranslation();
  return (
    <Empty
      page
      title={t('crashed.title')}
      actions={<Button onClick={() => window.location.reload()}>{t('crashed.again')}</Button>}
    >
      {t('crashed.text')}
    </Empty>
  );
}
