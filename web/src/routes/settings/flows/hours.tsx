import { InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';

/** Minutes, as hours; none where it may be left empty. */
export function Hours({
  id,
  name,
  minutes,
  set,
  wrong,
}: {
  id: string;
  name: string;
  minutes: number | undefined;
  set: (minutes: number | undefined) => void;
  wrong?: string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      <InputNumber
        id={id}
        min={0}
        max={2160}
        value={minutes === undefined ? null : Math.round((minutes / 60) * 100) / 100}
        suffix={t('flow.hourUnit')}
        status={wrong ? 'error' : ''}
        style={{ width: '100%' }}
        onChange={(hours) => set(hours === null ? undefined : Math.round(hours * 60))}
      />
      {wrong && (
        <span className="wrong" role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}
