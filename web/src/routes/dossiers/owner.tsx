// Who answers for a dossier, and another one where that may be changed. Who keeps access chooses among the people, others
// write a name.
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Popover, Select } from 'antd';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/problem';
import { peopleQuery } from '../../api/queries';
import type { Dossier } from '../../lib/fields';
import { tellWaits, waits } from '../../lib/waits';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay, useSession, useUnsaved } from '../../session/store';
import { saveDossier } from './save';

interface Props {
  dossier: Dossier;
  saved: (now: Dossier) => void;
}

export function Owner({ dossier, saved }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const name = dossier.owner ?? t('record.ownerNone');
  if (!may('change') || dossier.state !== 'live')
    return dossier.owner ? (
      <span>
        {t('record.owner')} {dossier.owner}
      </span>
    ) : null;
  return (
    <span>
      {t('record.owner')}{' '}
      <Popover
        trigger="click"
        placement="bottomLeft"
        arrow={false}
        open={open}
        onOpenChange={setOpen}
        destroyOnHidden
        content={
          <div role="dialog" aria-label={t('record.ownerName')}>
            <ChooseOwner dossier={dossier} saved={saved} close={() => setOpen(false)} />
          </div>
        }
      >
        <button
          type="button"
          className="plain owner"
          aria-haspopup="dialog"
          aria-label={t('record.ownerChange', { name })}
        >
          {name}
        </button>
      </Popover>
    </span>
  );
}

function ChooseOwner({ dossier, saved, close }: Props & { close: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const { user } = useSession();
  const lists = may('manage_access');
  const people = useQuery({ ...peopleQuery, enabled: lists });
  const before = dossier.owner ?? '';
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  useUnsaved(text !== before);
  const set = async (owner: string) => {
    if (owner === before) {
      close();
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      const now = await saveDossier(dossier.id, dossier.version, { owner });
      close();
      if (waits(now)) {
        tellWaits(now);
        return;
      }
      saved(now);
      toast(t('record.ownerSaved'), () => {
        void saveDossier(now.id, now.version, { owner: before }).then(
          (back) => (waits(back) ? tellWaits(back) : saved(back)),
          () => toast(t('edit.undoFailed')),
        );
      });
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    void set(text.trim());
  };
  const field = {
    id: 'owner-name',
    'aria-label': t('record.ownerName'),
    'aria-describedby': problem ? 'owner-wrong' : undefined,
    status: problem ? ('error' as const) : ('' as const),
    autoFocus: true,
    style: { width: '100%' },
  };
  return (
    <form className="owner-form stack small" onSubmit={send}>
      <div className="field">
        <label htmlFor="owner-name">{t('record.ownerName')}</label>
        {lists ? (
          <Select
            {...field}
            showSearch={{ optionFilterProp: 'label' }}
            loading={people.isPending}
            value={text || undefined}
            placeholder={t('record.ownerHint')}
            onChange={(name: string) => setText(name)}
            options={(people.data?.items ?? [])
              .filter((one) => !one.disabled)
              .map((one) => ({ value: one.name, label: one.name }))}
          />
        ) : (
          <Input
            {...field}
            autoComplete="off"
            maxLength={64}
            placeholder={t('record.ownerHint')}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </div>
      <Wrong id="owner-wrong" problem={problem ?? people.error} />
      <div className="row wrap">
        {before !== user.name && (
          <Button size="small" onClick={() => void set(user.name)}>
            {t('record.ownerMe')}
          </Button>
        )}
        {before && (
          <Button size="small" onClick={() => void set('')}>
            {t('record.ownerClear')}
          </Button>
        )}
        <span className="grow" />
        <Button size="small" type="primary" htmlType="submit" loading={busy} disabled={!text.trim() || text === before}>
          {t('do.save')}
        </Button>
      </div>
    </form>
  );
}
