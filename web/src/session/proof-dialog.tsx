// The password or a passkey, once more.
import { useMutation } from '@tanstack/react-query';
import { Button, Input, Modal, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people } from '../api/people';
import { Problem } from '../api/problem';
import { passkeys } from '../lib/passkey';
import { PasskeyWrong } from '../parts/passkey';
import { useSession } from './store';

export function ProofDialog({ end }: { end: (proved: boolean) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const [password, setPassword] = useState('');
  const field = useRef<InputRef>(null);
  const proof = useMutation({
    mutationFn: (given: string | undefined) => (given === undefined ? people.proveByPasskey() : people.prove(given)),
    onSuccess: () => end(true),
  });
  const wrong = proof.error instanceof Problem && proof.error.kind === 'password_wrong';
  const byPasskey = session.passkeys > 0 && passkeys() === 'here';
  return (
    <Modal
      open
      title={t('proof.title')}
      footer={null}
      onCancel={() => end(false)}
      // Whatever was open below wants the focus back.
      afterOpenChange={(open) => open && !byPasskey && field.current?.focus()}
      width={400}
      zIndex={1200}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (password) proof.mutate(password);
        }}
      >
        <p className="quiet">{t('proof.text')}</p>
        {byPasskey && (
          <>
            <Button
              type="primary"
              size="large"
              block
              disabled={proof.isPending}
              onClick={() => proof.mutate(undefined)}
            >
              {t('proof.passkey')}
            </Button>
            <p className="or">{t('passkey.or')}</p>
          </>
        )}
        <input type="text" autoComplete="username" value={session.user.name} readOnly hidden />
        <div className="field">
          <label htmlFor="proof-password">{t('signIn.password')}</label>
          <Input.Password
            ref={field}
            id="proof-password"
            size="large"
            autoComplete="current-password"
            status={wrong ? 'error' : ''}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {wrong && (
            <span className="wrong" role="alert">
              {t('password.wrong')}
            </span>
          )}
        </div>
        {!wrong && <PasskeyWrong problem={proof.error} />}
        <Button
          type={byPasskey ? 'default' : 'primary'}
          size="large"
          block
          htmlType="submit"
          loading={proof.isPending}
          disabled={!password}
        >
          {t('proof.do')}
        </Button>
      </form>
    </Modal>
  );
}
