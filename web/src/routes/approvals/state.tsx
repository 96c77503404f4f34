// Where a request stands: always an icon and a word, never the colour alone.
import CheckCircleFilled from '@ant-design/icons/CheckCircleFilled';
import CheckCircleOutlined from '@ant-design/icons/CheckCircleOutlined';
import ClockCircleOutlined from '@ant-design/icons/ClockCircleOutlined';
import CloseCircleOutlined from '@ant-design/icons/CloseCircleOutlined';
import ExclamationCircleOutlined from '@ant-design/icons/ExclamationCircleOutlined';
import MinusCircleOutlined from '@ant-design/icons/MinusCircleOutlined';
import SwapOutlined from '@ant-design/icons/SwapOutlined';
import { useTranslation } from 'react-i18next';

const icons = {
  waiting: ClockCircleOutlined,
  agreed: CheckCircleOutlined,
  executed: CheckCircleFilled,
  failed: ExclamationCircleOutlined,
  refused: CloseCircleOutlined,
  recalled: MinusCircleOutlined,
  expired: MinusCircleOutlined,
  dropped: MinusCircleOutlined,
  moved: SwapOutlined,
};

export function RequestState({ of }: { of: string }) {
  const { t } = useTranslation();
  const One = icons[of as keyof typeof icons] ?? MinusCircleOutlined;
  return (
    <span className={`request-state ${of}`}>
      <One aria-hidden="true" /> {t(`approval.state.${of}`)}
    </span>
  );
}
