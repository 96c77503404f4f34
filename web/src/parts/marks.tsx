// The small marks that every screen shares: levels, stages, masks, codes, times.
import LockOutlined from '@ant-design/icons/LockOutlined';
import { useTranslation } from 'react-i18next';
import { absolute, ago, near } from '../lib/format';
import { maskSpoken } from '../lib/mask';

export function Brand({ name = true }: { name?: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#1D4FD7" />
        <path d="M9 8.5h7.2c4.4 0 7.3 2.9 7.3 7.5s-2.9 7.5-7.3 7.5H9z" fill="none" stroke="#fff" strokeWidth="2.6" />
        <path d="M13.4 13.6h3.2M13.4 18.4h3.2" stroke="#fff" strokeWidth="2.2" strokeLinecap="round" />
      </svg>
      {name && <span>{t('product')}</span>}
    </>
  );
}

export function Level({ of }: { of: string }) {
  const { t } = useTranslation();
  const bars = Number(of.slice(1));
  return (
    <span className={`level ${of}`}>
      <i aria-hidden="true">
        {[1, 2, 3, 4].map((n) => (
          <b key={n} className={n <= bars ? 'on' : ''} />
        ))}
      </i>
      {of} {t(`level.${of}`)}
    </span>
  );
}

/** How far the cooperation is, as a ring that fills. */
export function Stage({ of }: { of: number }) {
  const { t } = useTranslation();
  const part = of === 5 ? 1 : of / 4;
  const around = 2 * Math.PI * 2.25;
  return (
    <span className={`stage s${of}`}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" opacity={of === 5 ? 1 : 0.9} />
        {of === 5 ? (
          <path d="M4.5 7h5" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
        ) : (
          <circle
            cx="7"
            cy="7"
            r="2.25"
            fill="none"
            stroke="currentColor"
            strokeWidth="4.5"
            strokeDasharray={`${part * around} ${around}`}
            transform="rotate(-90 7 7)"
          />
        )}
      </svg>
      {t(`stage.${of}`)}
    </span>
  );
}

/** A value behind its mask. What is heard names the field and says the end; what is seen is what the server sent. */
export function Masked({ field, mask }: { field: string; mask: string }) {
  const { t } = useTranslation();
  const end = maskSpoken(mask);
  return (
    <span className="masked">
      <span aria-hidden="true">{mask}</span>
      <LockOutlined aria-hidden="true" />
      <span className="hear">{end ? t('masked.endsWith', { field, end }) : t('masked.whole', { field })}</span>
    </span>
  );
}

/** A customer code: the part that never changes stands out, the rest follows the dossier. */
export function Code({ of }: { of: string }) {
  return (
    <code className="code" translate="no">
      <b>{of.slice(0, 15)}</b>
      <span>{of.slice(15)}</span>
    </code>
  );
}

export function When({ at, short = false }: { at: string; short?: boolean }) {
  useTranslation();
  return (
    <time dateTime={at} title={absolute(at)}>
      {short ? ago(at) : near(at)}
    </time>
  );
}

export function Percent({ of }: { of: number }) {
  return (
    <span className="bar">
      <i aria-hidden="true">
        <b style={{ width: `${of}%` }} />
      </i>
      {of}%
    </span>
  );
}
