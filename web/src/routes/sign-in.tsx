import { Navigate, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../parts/language';
import { Brand } from '../parts/marks';
import { SignInForm } from '../session/sign-in-form';
import { entered, useSessionState } from '../session/store';

export function SignIn() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const state = useSessionState();
  if (state.at === 'in') return <Navigate to="/" />;
  return (
    <main className="gate">
      <div className="grow" style={{ width: '100%', maxWidth: 400, flex: 'none' }}>
        <div className="gate-box">
          <p className="brand">
            <Brand />
          </p>
          <h1>{t('signIn.title')}</h1>
          <p className="quiet">{t('signIn.recorded')}</p>
          <SignInForm
            done={(session) => {
              entered(session);
              void navigate({ to: '/' });
            }}
          />
        </div>
        <p className="gate-foot">
          <LanguageSwitch />
        </p>
      </div>
    </main>
  );
}
