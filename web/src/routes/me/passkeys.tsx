// One's own passkeys: what they are called, when they were used; adding, renaming, removing them.
import KeyOutlined from '@ant-design/icons/KeyOutlined';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people, type Passkey } from '../../api/people';
import { passkeys } from '../../lib/passkey';
import { When } from '../../parts/marks';
import { NoPasskeys, PasskeyWrong } from '../../parts/passkey';
import { Failed, Loading } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { ask } from '../../session/store';

type Open = { what: 'add' } | { what: 'rename' | 'remove'; one: Passkey };

export function Passkeys() {
  const { t } = useTranslation();
  const kept = useQuery({ queryKey: ['my-passkeys'], queryFn: people.passkeys, staleTime: 0 });
  const [open, setOpen] = useState<Open>();
  const items = kept.data?.items ?? [];
  const close = () => setOpen(undefined);
  const done = (said: string) => {
    close();
    toast(said);
    void kept.refetch();
    void ask();
  };
  return (
    <section className="section">
      <div className="section-head">
        <h2>{t('passkey.name')}</h2>
        {passkeys() === 'here' && (
          <Button className="actions" size="small" onClick={() => setOpen({ what: 'add' })}>
            {t('passkey.add')}
          </Button>
        )}
      </div>
      {kept.isError ? (
        <Failed problem={kept.error} retry={() => void kept.refetch()} />
      ) : !kept.data ? (
        <Loading lines={1} />
      ) : (
        <div className="stack">
          <NoPasskeys />
          {items.length === 0 && passkeys() === 'here' && (
            <p className="quiet">
              {t('passkey.none')}
              <span className="meta" style={{ display: 'block' }}>
                {t('passkey.noneText')}
              </span>
            </p>
          )}
          <ul className="about">
            {items.map((one) => (
              <li key={one.id} className="row passkey">
                <KeyOutlined style={{ fontSize: 18, color: 'var(--text-3)' }} />
                <span className="grow">
                  <span className="called">{one.name}</span>
                  <span className="meta">
                    {t('passkey.addedAt')} <When at={one.created_at} /> ·{' '}
                    {one.used_at ? (
                      <>
                        {t('passkey.usedAt')} <When at={one.used_at} />
                      </>
                    ) : (
                      t('passkey.unused')
                    )}
                  </span>
                </span>
                <span className="ways">
                  <Button size="small" onClick={() => setOpen({ what: 'rename', one })}>
                    {t('passkey.rename')}
                  </Button>
                  <Button size="small" type="text" onClick={() => setOpen({ what: 'remove', one })}>
                    {t('passkey.remove')}
                  </Button>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {open?.what === 'add' && (
        <Modal open title={t('passkey.add')} footer={null} onCancel={close} width={440}>
          <AddPasskey done={() => done(t('passkey.added'))} />
        </Modal>
      )}
      {open?.what === 'rename' && (
        <Modal open title={t('passkey.rename')} footer={null} onCancel={close} width={440}>
          <Called
            name={open.one.name}
            act={(name) => people.renamePasskey(open.one.id, name)}
            go={t('passkey.save')}
            done={() => done(t('passkey.renamed'))}
          />
        </Modal>
      )}
      {open?.what === 'remove' && <Remove one={open.one} close={close} done={() => done(t('passkey.removed'))} />}
    </section>
  );
}

/** A name, then the browser's own dialog. */
export function AddPasskey({ done }: { done: () => void }) {
  const { t } = useTranslation();
  return (
    <Called text={t('passkey.addText')} act={(name) => people.addPasskey(name)} go={t('passkey.go')} done={done} />
  );
}

function Called({
  name = '',
  text,
  act,
  go,
  done,
}: {
  name?: string;
  text?: string;
  act: (name: string) => Promise<unknown>;
  go: string;
  done: () => void;
}) {
  const { t } = useTranslation();
  const [called, setCalled] = useState(name);
  const save = useMutation({ mutationFn: () => act(called.trim()), onSuccess: done });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (called.trim()) save.mutate();
      }}
    >
      {text && <p className="quiet">{text}</p>}
      <div className="field">
        <label htmlFor="passkey-name">{t('passkey.called')}</label>
        <Input
          id="passkey-name"
          size="large"
          autoFocus
          maxLength={64}
          aria-describedby="passkey-name-hint"
          value={called}
          onChange={(event) => setCalled(event.target.value)}
        />
        <span id="passkey-name-hint" className="hint">
          {t('passkey.hint')}
        </span>
      </div>
      <PasskeyWrong problem={save.error} />
      <Button type="primary" size="large" htmlType="submit" loading={save.isPending} disabled={!called.trim()}>
        {go}
      </Button>
    </form>
  );
}

function Remove({ one, close, done }: { one: Passkey; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({ mutationFn: () => people.removePasskey(one.id), onSuccess: done });
  return (
    <Modal
      open
      title={t('passkey.removeTitle')}
      onCancel={close}
      okText={t('passkey.remove')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, loading: remove.isPending }}
      onOk={() => remove.mutate()}
      width={440}
    >
      <div className="stack">
        <p>{t('passkey.removeText', { name: one.name })}</p>
        <PasskeyWrong problem={remove.error} />
      </div>
    </Modal>
  );
}
