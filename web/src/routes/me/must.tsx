// Before anything else: a second factor, or a password of one's own.
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { passkeys } from '../../lib/passkey';
import { LanguageSwitch } from '../../parts/language';
import { Brand } from '../../parts/marks';
import { NoPasskeys } from '../../parts/passkey';
import { Toasts } from '../../parts/toasts';
import { ask } from '../../session/store';
import { leave } from '../avatar';
import { AddPasskey } from './passkeys';
import { ChangePasswordForm } from './security';
import { Totp } from './totp';

export function Must({ what }: { what: 'second_factor' | 'password' }) {
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
          {what === 'second_factor' ? <SecondFactor /> : <ChangePasswordForm done={() => void ask()} />}
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

/** A passkey where this page takes one; codes for whoever would rather, or has to. */
function SecondFactor() {
  const { t } = useTranslation();
  const [codes, setCodes] = useState(passkeys() !== 'here');
  if (codes)
    return (
      <div className="stack">
        {passkeys() === 'unsupported' && <NoPasskeys />}
        <Totp done={() => void ask()} />
        {passkeys() === 'here' && (
          <Button type="text" onClick={() => setCodes(false)}>
            {t('must.usePasskey')}
          </Button>
        )}
      </div>
    );
  return (
    <div className="stack">
      <h2>{t('passkey.add')}</h2>
      <AddPasskey done={() => void ask()} />
      <Button type="text" onClick={() => setCodes(true)}>
        {t('must.useTotp')}
      </Button>
    </div>
  );
}
