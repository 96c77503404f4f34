import CheckOutlined from '@ant-design/icons/CheckOutlined';
import { useTranslation } from 'react-i18next';

export const steps = ['upload', 'map', 'preview', 'run', 'mend', 'done'] as const;
export type StepName = (typeof steps)[number];

/** Where one is: ① 上传 ② 映射 ③ 预览 ④ 导入 ⑤ 修正 ⑥ 完成. */
export function Steps({ at, counts = {} }: { at: StepName; counts?: Partial<Record<StepName, string>> }) {
  const { t } = useTranslation();
  const now = steps.indexOf(at);
  return (
    <ol className="steps" aria-label={t('import.steps')} tabIndex={0}>
      {steps.map((step, n) => (
        <li
          key={step}
          className={n < now ? 'past' : n === now ? 'on' : ''}
          aria-current={n === now ? 'step' : undefined}
        >
          <i aria-hidden="true">{n < now ? <CheckOutlined /> : n + 1}</i>
          {t(`import.step.${step}`)}
          {counts[step] && <span className="meta">{counts[step]}</span>}
        </li>
      ))}
    </ol>
  );
}
