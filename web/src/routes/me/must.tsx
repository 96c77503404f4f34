// Before anything else: a second factor, or a password of one's own.
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../../parts/language';
import { Brand } from '../../parts/marks';
import { Toasts } from '../../parts/toasts';
import { ask } from '../../session/store';
import { leave } from '../avatar';
import { ChangePasswordForm } from './security';
import { Totp } from './totp';

export function Must({ what }: { what: 'totp' | 'password' }) {
  const { t } = useTranslation();
  return (
    <main className="gate">
      <div style={{ width: '100%', maxWidth: 420 }}>
        <div className="gate-box" style={{ maxWidth: 'none' }}>
          <p className="brand">
            <Brand />
          </p>
          <h1>{t(`must.${what}`)}</h1>
          <p className="quiet" style={{ marginBottom: 24 }}>
            {t(`must.${what}Text`)}
          </p>
          {what === 'totp' ? <Totp done={() => void ask()} /> : <ChangePasswordForm done={() => void ask()} />}
        </div>
        <p className="gate-foot">
          <LanguageSwitch />
          <button type="button" className="plain" style={{ color: 'var(--link)' }} onClick={leave}>
            {t('me.signOut')}
          </button>
        </p>
      </div>
      <Toasts />
    </main>
  );
}
