// What can be done with the selected rows. Each record is changed by itself, with the version that was seen; the whole can
// be taken back.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { teamsQuery } from '../../api/queries';
import type { Dossier } from '../../lib/fields';
import { Level, Stage } from '../../parts/marks';
import { toast } from '../../parts/toasts';
import { useMay } from '../../session/store';
import { run, type Step } from '../../tasks/store';
import { saveDossier, type DossierChange } from './save';

type What = 'stage' | 'level' | 'team';

export function Bulk({ selected, clear, after }: { selected: Dossier[]; clear: () => void; after: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const [what, setWhat] = useState<What>();
  return (
    <div className="table-foot bulk appear" role="region" aria-label={t('bulk.label')}>
      <b role="status">{t('bulk.selected', { n: selected.length })}</b>
      <Button onClick={() => setWhat('stage')}>{t('bulk.stage')}</Button>
      <Button onClick={() => setWhat('level')}>{t('bulk.level')}</Button>
      {may('manage_access') && <Button onClick={() => setWhat('team')}>{t('bulk.team')}</Button>}
      <span className="right">
        <Button type="text" onClick={clear}>
          {t('bulk.clear')}
        </Button>
      </span>
      {what && (
        <Change
          what={what}
          selected={selected}
          close={() => setWhat(undefined)}
          started={() => {
            setWhat(undefined);
            clear();
          }}
          after={after}
        />
      )}
    </div>
  );
}

const nowOf = (dossier: Dossier, what: What) =>
  what === 'stage' ? dossier.stage : what === 'level' ? dossier.level : dossier.team;

function Change({
  what,
  selected,
  close,
  started,
  after,
}: {
  what: What;
  selected: Dossier[];
  close: () => void;
  started: () => void;
  after: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const teams = useQuery({ ...teamsQuery, enabled: what === 'team' });
  const [value, setValue] = useState<string | number>();
  const moved = value === undefined ? [] : selected.filter((one) => nowOf(one, what) !== value);

  const start = () => {
    const steps: Step[] = moved.map((dossier) => ({
      code: dossier.code.slice(0, 15),
      act: async () => {
        const now = await saveDossier(dossier.id, dossier.version, { [what]: value } as DossierChange);
        return async () => {
          await saveDossier(dossier.id, now.version, { [what]: nowOf(dossier, what) } as DossierChange);
        };
      },
    }));
    started();
    void run(t(`bulk.${what}`), steps, () => {
      void client.invalidateQueries({ queryKey: ['dossier'] });
      after();
    }).then((task) => toast(t('task.done', { good: task.done - task.failed.length, failed: task.failed.length })));
  };
  const options =
    what === 'stage'
      ? [0, 1, 2, 3, 4, 5].map((key) => ({ value: key as string | number, label: <Stage of={key} /> }))
      : what === 'level'
        ? ['L1', 'L2', 'L3', 'L4'].map((key) => ({ value: key as string | number, label: <Level of={key} /> }))
        : (teams.data?.items ?? []).map((team) => ({ value: team.name as string | number, label: <>{team.name}</> }));
  return (
    <Modal
      open
      title={t(`bulk.${what}`)}
      onCancel={close}
      okText={t('bulk.do', { n: moved.length })}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: moved.length === 0 }}
      onOk={start}
      width={420}
    >
      <div className="stack">
        <Select
          autoFocus
          aria-label={t(`bulk.${what}`)}
          style={{ width: '100%' }}
          placeholder={t('edit.choose')}
          value={value}
          onChange={setValue}
          options={options}
        />
        <p className="quiet">
          {value === undefined
            ? t('bulk.text')
            : t('bulk.preview', { moved: moved.length, same: selected.length - moved.length })}
        </p>
      </div>
    </Modal>
  );
}
