// A masked value and the way to open it. The clear value is in the state of this component and nowhere else: in no cache, no
// attribute, no log; and it goes as soon as anybody looks away.
import EyeOutlined from '@ant-design/icons/EyeOutlined';
import { Button, Input, Modal, Radio, Tooltip } from 'antd';
import { useCallback, useEffect, useReducer, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import type { components, operations } from '../../api/schema';
import { written, type Contact, type Dossier, type Field } from '../../lib/fields';
import { absolute, label } from '../../lib/format';
import { offersAgain, openFor, shows, step } from '../../lib/reveal';
import { Masked } from '../../parts/marks';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { onLeaving, useMay, useSession, useUnsaved } from '../../session/store';
import { isContact } from './save';

type Revealed = components['schemas']['Revealed'];
type DossierField = operations['revealDossierField']['requestBody']['content']['application/json']['field'];
type ContactField = operations['revealContactField']['requestBody']['content']['application/json']['field'];

const purposes = ['call', 'check', 'sign', 'complaint'] as const;
// How many of the hour's reveals are used, as the server said last.
let quota: { used: number; limit: number } | undefined;

const open = async (
  record: Dossier | Contact,
  field: string,
  purpose: string,
  use: 'look' | 'copy',
): Promise<Revealed> => {
  const revealed = await (isContact(record)
    ? ask(
        api.POST('/v1/contacts/{id}/reveal', {
          params: { path: { id: record.id } },
          body: { field: field as ContactField, purpose, use },
        }),
      )
    : ask(
        api.POST('/v1/dossiers/{id}/reveal', {
          params: { path: { id: record.id } },
          body: { field: field as DossierField, purpose, use },
        }),
      ));
  quota = { used: revealed.used, limit: revealed.limit };
  return revealed;
};

export function RevealField({
  record,
  field,
  mask,
  code,
  children,
}: {
  record: Dossier | Contact;
  field: Field;
  mask: string;
  code: string;
  /** What else can be done with the field. */
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const [state, send] = useReducer(step, { at: 'masked' });
  const [value, setValue] = useState<string>();
  const [now, setNow] = useState(0);
  const opener = useRef<HTMLButtonElement>(null);
  const name = label(field.label);
  const shown = shows(state);

  const hide = useCallback(() => {
    setValue(undefined);
    send({ type: 'mask' });
  }, []);

  const look = async (purpose: string) => {
    try {
      const revealed = await open(record, field.name, purpose, 'look');
      if (document.hidden) return hide();
      setValue(written(field, revealed.value));
      setNow(Date.now());
      send({ type: 'opened', now: Date.now() });
    } catch (problem) {
      setValue(undefined);
      send({ type: 'refused', problem });
    }
  };
  const again = () => {
    if (state.at !== 'open') return;
    send({ type: 'again' });
    void look(state.purpose);
  };

  useEffect(() => {
    if (!shown) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      send({ type: 'tick', now: Date.now() });
    }, 500);
    return () => clearInterval(timer);
  }, [shown]);
  // What is masked again is forgotten too.
  useEffect(() => {
    if (!shown && state.at !== 'recording') setValue(undefined);
  }, [shown, state.at]);

  useEffect(() => {
    if (!shown) return;
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        hide();
        opener.current?.focus();
      }
    };
    const copy = (event: ClipboardEvent) => {
      const text = String(window.getSelection());
      if (!value || !text) return;
      event.preventDefault();
      event.clipboardData?.setData('text/plain', text.split(value).join(mask));
    };
    const away = () => document.hidden && hide();
    document.addEventListener('keydown', key);
    document.addEventListener('copy', copy);
    document.addEventListener('visibilitychange', away);
    window.addEventListener('pagehide', hide);
    window.addEventListener('beforeprint', hide);
    const leaving = onLeaving(hide);
    return () => {
      document.removeEventListener('keydown', key);
      document.removeEventListener('copy', copy);
      document.removeEventListener('visibilitychange', away);
      window.removeEventListener('pagehide', hide);
      window.removeEventListener('beforeprint', hide);
      leaving();
    };
  }, [shown, hide, value, mask]);

  if (shown && value !== undefined && (state.at === 'open' || state.at === 'recording')) {
    const left = Math.max(0, Math.ceil((state.until - now) / 1000));
    return (
      <span className="revealed appear">
        <span className="clear-value">{value}</span>
        <span className="clock" aria-hidden="true">
          <svg width="14" height="14" viewBox="0 0 14 14">
            <circle cx="7" cy="7" r="5.5" fill="none" stroke="var(--line)" strokeWidth="2" />
            <circle
              cx="7"
              cy="7"
              r="5.5"
              fill="none"
              stroke="var(--primary)"
              strokeWidth="2"
              strokeDasharray={`${(left / (openFor / 1000)) * 34.6} 34.6`}
              transform="rotate(-90 7 7)"
            />
          </svg>
          {left} s
        </span>
        {offersAgain(state, now) && (
          <Button size="small" onClick={again}>
            {t('reveal.again')}
          </Button>
        )}
        {may('copy') && <Copy take={() => open(record, field.name, state.purpose, 'copy')} field={field} />}
        <Button size="small" type="text" onClick={hide}>
          {t('reveal.mask')} <kbd>Esc</kbd>
        </Button>
        <span className="hear" role="status">
          {offersAgain(state, now) ? t('reveal.ending') : t('reveal.isOpen', { field: name })}
        </span>
        {children}
      </span>
    );
  }
  return (
    <span className="guarded">
      <Masked field={name} mask={mask} />
      <span className="acts">
        <Button
          ref={opener}
          size="small"
          type="text"
          className="look"
          icon={<EyeOutlined />}
          aria-label={t('reveal.open', { field: name })}
          onClick={() => send({ type: 'ask' })}
        >
          {t('reveal.short')}
        </Button>
        {children}
      </span>
      {(state.at === 'asking' || (state.at === 'recording' && !state.again)) && (
        <Asking
          name={name}
          code={code}
          problem={state.at === 'asking' ? state.problem : undefined}
          busy={state.at === 'recording'}
          cancel={() => {
            hide();
            opener.current?.focus();
          }}
          look={(purpose) => {
            send({ type: 'send', purpose });
            void look(purpose);
          }}
        />
      )}
    </span>
  );
}

/** Asks for the value once more, as a copy, and hands it to the clipboard; it does not come to the page. */
function Copy({ take, field }: { take: () => Promise<Revealed>; field: Field }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const copy = async () => {
    setBusy(true);
    setProblem(undefined);
    const text = take().then((revealed) => new Blob([written(field, revealed.value)], { type: 'text/plain' }));
    try {
      // Begun before the answer is there: afterwards a browser no longer takes it for what somebody asked for.
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })]);
      toast(t('reveal.copied'));
    } catch {
      await text.then(() => toast(t('reveal.notCopied')), setProblem);
    }
    setBusy(false);
  };
  // Without a clipboard nothing is asked for: it would be an entry of something that nobody took along.
  if (typeof ClipboardItem === 'undefined' || !('clipboard' in navigator)) return null;
  // A finger has no hovering, and would cover the value with what is said; the message afterwards says it too.
  const hovers = window.matchMedia('(hover: hover)').matches;
  return (
    <>
      <Tooltip title={hovers ? t('reveal.copyAbout') : ''}>
        <Button size="small" type="text" loading={busy} onClick={() => void copy()}>
          {t('reveal.copy')}
        </Button>
      </Tooltip>
      <Wrong problem={problem} />
    </>
  );
}

function Asking(props: {
  name: string;
  code: string;
  problem: unknown;
  busy: boolean;
  cancel: () => void;
  look: (purpose: string) => void;
}) {
  const { name, code, problem, busy, cancel, look } = props;
  const { t } = useTranslation();
  const { user } = useSession();
  const [chosen, setChosen] = useState<string>('call');
  const [own, setOwn] = useState('');
  useUnsaved(own !== '');
  const purpose = chosen === 'other' ? own.trim() : t(`purpose.${chosen}`);
  const fits = Array.from(purpose).length >= 2;
  return (
    <Modal
      open
      title={t('reveal.title', { field: name })}
      onCancel={cancel}
      okText={t('reveal.do')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !fits, loading: busy, autoFocus: true }}
      onOk={() => look(purpose)}
      width={460}
    >
      <fieldset className="purposes">
        <legend className="hear">{t('reveal.purpose')}</legend>
        <Radio.Group value={chosen} onChange={(event) => setChosen(event.target.value as string)}>
          {[...purposes, 'other'].map((one) => (
            <Radio key={one} value={one}>
              {t(`purpose.${one}`)}
            </Radio>
          ))}
        </Radio.Group>
        {chosen === 'other' && (
          <Input
            autoFocus
            aria-label={t('reveal.purpose')}
            placeholder={t('reveal.purposeHint')}
            maxLength={200}
            value={own}
            onChange={(event) => setOwn(event.target.value)}
          />
        )}
      </fieldset>
      <div className="will-say">
        <p className="meta">{t('reveal.willSay')}</p>
        <p>
          <b>{user.name}</b> {t('reveal.sentence', { field: name })} <code>{code.slice(0, 15)}</code>{' '}
          <b>{purpose || '…'}</b> {absolute(new Date().toISOString())}
        </p>
        <p className="meta">
          {t('reveal.told')}
          {quota ? ` · ${t('reveal.quota', { used: quota.used, limit: quota.limit })}` : ''}
        </p>
      </div>
      <Wrong problem={problem} />
    </Modal>
  );
}
