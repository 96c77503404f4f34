// A second factor: the secret as a picture and as text, in force once a code of it was right. The picture is drawn here; the
// secret goes nowhere.
import { useMutation } from '@tanstack/react-query';
import { Button, Input, QRCode } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people } from '../../api/people';
import { Problem } from '../../api/problem';
import { Loading, Wrong } from '../../parts/states';

export function Totp({ done }: { done: () => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const begin = useMutation({ mutationFn: (given: string | undefined) => people.beginTotp(given) });
  const confirm = useMutation({ mutationFn: () => people.confirmTotp(code.trim()), onSuccess: done });
  const { mutate } = begin;
  useEffect(() => mutate(undefined), [mutate]);

  if (begin.isPending || begin.isIdle) return <Loading lines={3} />;
  if (begin.isError)
    return (
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate(password);
        }}
      >
        <p className="quiet">{t('totp.passwordFirst')}</p>
        <Input.Password
          size="large"
          aria-label={t('signIn.password')}
          autoFocus
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {begin.variables !== undefined && <Wrong problem={begin.error} />}
        <Button type="primary" size="large" htmlType="submit" disabled={!password}>
          {t('totp.go')}
        </Button>
      </form>
    );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <p className="quiet">{t('totp.scan')}</p>
      <div style={{ display: 'grid', placeItems: 'center' }}>
        <QRCode value={begin.data.uri} size={184} type="svg" color="#000000" bgColor="#FFFFFF" />
      </div>
      <p className="meta" style={{ textAlign: 'center', overflowWrap: 'anywhere' }}>
        {t('totp.byHand')} <code>{begin.data.secret.replace(/(.{4})/g, '$1 ')}</code>
      </p>
      <div className="field">
        <label htmlFor="totp-code">{t('totp.code')}</label>
        <Input
          id="totp-code"
          size="large"
          autoFocus
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </div>
      {confirm.error instanceof Problem && <Wrong problem={confirm.error} />}
      <Button
        type="primary"
        size="large"
        htmlType="submit"
        loading={confirm.isPending}
        disabled={code.trim().length !== 6}
      >
        {t('totp.confirm')}
      </Button>
    </form>
  );
}
