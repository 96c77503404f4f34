// What somebody does with a request. Agreeing is one key; what needs words or a person opens a line for them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Button, Input } from 'antd';
import { useEffect, useState, type FormEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { decide, known, type Request } from '../../api/approvals';
import { peopleQuery } from '../../api/queries';
import { composing, mod, useKeys } from '../../lib/keys';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay, useUnsaved } from '../../session/store';

type Verdict = 'agree' | 'refuse' | 'pass_on' | 'add' | 'comment' | 'recall';
const others = ['refuse', 'pass_on', 'add', 'comment', 'recall'] as const;

/** Whether what is done with it is done, seen from this person. */
const over = (verdict: Verdict) => verdict !== 'comment' && verdict !== 'add';

export function Acts({ of, went }: { of: Request; went: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [doing, setDoing] = useState<Exclude<Verdict, 'agree'>>();
  const [remark, setRemark] = useState('');
  const [person, setPerson] = useState('');
  useUnsaved(remark !== '' || person !== '');
  // Where one was agreed to the next one comes: a second press in a row is not for it.
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), 600);
    return () => clearTimeout(timer);
  }, []);
  // The focus goes back to what was left, by keyboard too.
  const [left, setLeft] = useState<Verdict>();
  const close = () => {
    setLeft(doing);
    setDoing(undefined);
    setRemark('');
    setPerson('');
    act.reset();
  };
  const act = useMutation({
    mutationFn: (verdict: Verdict) =>
      decide(of.id, {
        verdict,
        ...(remark.trim() ? { remark: remark.trim() } : {}),
        ...(person ? { person } : {}),
      }),
    onSuccess: (now, verdict) => {
      setDoing(undefined);
      setRemark('');
      setPerson('');
      const ended = over(verdict) && !now.may.includes('agree');
      if (ended) went();
      known(client, now);
      toast(became(now, verdict));
    },
  });
  const became = (now: Request, verdict: Verdict): string =>
    verdict === 'agree' ? t(`approval.became.${now.state}`) : t(`approval.done.${verdict}`, { person });
  const may = (verdict: Verdict) => of.may.includes(verdict);
  const begin = (verdict: Exclude<Verdict, 'agree'>) => {
    if (!may(verdict) || act.isPending) return;
    act.reset();
    setDoing(verdict);
  };
  useKeys({
    // A key that is held down agrees once.
    a: (event) => !event.repeat && ready && !doing && may('agree') && !act.isPending && act.mutate('agree'),
    r: () => begin('refuse'),
  });
  if (of.may.length === 0) return null;

  if (doing)
    return (
      <Words
        verdict={doing}
        remark={remark}
        setRemark={setRemark}
        person={person}
        setPerson={setPerson}
        problem={act.error}
        busy={act.isPending}
        close={close}
        send={() => act.mutate(doing)}
      />
    );
  return (
    <div className="acts">
      <Wrong problem={act.error} />
      <div className="row wrap">
        {others.filter(may).map((verdict) => (
          <Button key={verdict} autoFocus={left === verdict} disabled={act.isPending} onClick={() => begin(verdict)}>
            {t(`approval.do.${verdict}`)} {verdict === 'refuse' && <kbd aria-hidden="true">R</kbd>}
          </Button>
        ))}
        {may('agree') && (
          <Button
            type="primary"
            className="agree"
            disabled={!ready}
            loading={act.isPending}
            onClick={() => act.mutate('agree')}
          >
            {t('approval.do.agree')} <kbd aria-hidden="true">A</kbd>
          </Button>
        )}
      </div>
    </div>
  );
}

function Words({
  verdict,
  remark,
  setRemark,
  person,
  setPerson,
  problem,
  busy,
  close,
  send,
}: {
  verdict: Exclude<Verdict, 'agree'>;
  remark: string;
  setRemark: (text: string) => void;
  person: string;
  setPerson: (name: string) => void;
  problem: unknown;
  busy: boolean;
  close: () => void;
  send: () => void;
}) {
  const { t } = useTranslation();
  const needsWords = verdict === 'refuse' || verdict === 'comment';
  const needsPerson = verdict === 'pass_on' || verdict === 'add';
  const [missing, setMissing] = useState(false);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if ((needsWords && !remark.trim()) || (needsPerson && !person)) setMissing(true);
    else if (!busy) send();
  };
  const keys = (event: KeyboardEvent) => {
    if (composing(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
    else if (event.key === 'Escape') close();
  };
  const wrong = missing && needsWords && !remark.trim();
  return (
    <form className="acts words appear" aria-label={t(`approval.do.${verdict}`)} onSubmit={submit} onKeyDown={keys}>
      {needsPerson && (
        <div className="field">
          <label htmlFor="act-person">{t(`approval.person.${verdict}`)}</label>
          <Person value={person} set={setPerson} wrong={missing && !person} />
        </div>
      )}
      <div className="field">
        <label htmlFor="act-remark">{needsWords ? t(`approval.why.${verdict}`) : t('approval.remark')}</label>
        <Input.TextArea
          id="act-remark"
          autoFocus={!needsPerson}
          rows={2}
          maxLength={500}
          value={remark}
          status={wrong ? 'error' : ''}
          aria-describedby={wrong ? 'act-wrong' : undefined}
          onChange={(event) => setRemark(event.target.value)}
        />
        {wrong && (
          <span id="act-wrong" className="wrong" role="alert">
            {t(`approval.needs.${verdict}`)}
          </span>
        )}
      </div>
      <Wrong problem={problem} />
      <div className="row">
        <Button onClick={close}>{t('do.cancel')}</Button>
        <Button
          className="agree"
          type="primary"
          htmlType="submit"
          danger={verdict === 'refuse' || verdict === 'recall'}
          loading={busy}
        >
          {t(`approval.do.${verdict}`)} <kbd aria-hidden="true">{mod} ⏎</kbd>
        </Button>
      </div>
    </form>
  );
}

/** Somebody by name. Who may see the people is offered them; others type the name that they know. */
function Person({ value, set, wrong }: { value: string; set: (name: string) => void; wrong: boolean }) {
  const { t } = useTranslation();
  const lists = useMay()('manage_access');
  const all = useQuery({ ...peopleQuery, enabled: lists });
  const names = (all.data?.items ?? []).filter((one) => !one.disabled && one.set_up).map((one) => one.name);
  return (
    <>
      <AutoComplete
        id="act-person"
        autoFocus
        value={value}
        onChange={set}
        status={wrong ? 'error' : ''}
        options={names.filter((name) => name.includes(value)).map((name) => ({ value: name }))}
        placeholder={t('approval.personHint')}
      />
      {wrong && (
        <span className="wrong" role="alert">
          {t('approval.needs.person')}
        </span>
      )}
    </>
  );
}
