import { useTranslation } from 'react-i18next';
import type { components } from '../../api/schema';

export type Import = components['schemas']['Import'];
export type Step = 'map' | 'preview' | 'run' | 'mend' | 'done';

/** Where an import stands in the wizard; what was done before can be looked at again. */
export function stepOf(one: Import): Step {
  switch (one.state) {
    case 'uploading':
    case 'uploaded':
      return 'map';
    case 'ready':
      return 'preview';
    case 'running':
    case 'undoing':
      return 'run';
    default:
      return one.state !== 'undone' && (one.rejected > 0 || (one.duplicates === 'review' && one.duplicate > 0))
        ? 'mend'
        : 'done';
  }
}

const tone: Record<string, string> = { done: 'good', failed: 'bad', ready: 'warn', uploaded: 'warn' };

export function ImportState({ of }: { of: string }) {
  const { t } = useTranslation();
  return (
    <span className={`tag ${tone[of] ?? ''}`}>
      <i className="dot" aria-hidden="true" />
      {t(`import.state.${of}`)}
    </span>
  );
}
