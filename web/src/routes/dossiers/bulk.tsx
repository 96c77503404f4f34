// What can be done with the selected rows. Each record is changed by itself, with the version that was seen; the whole can
// be taken back.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { kindsQuery, teamsQuery } from '../../api/queries';
import type { Kind } from '../../lib/fields';
import { count, label } from '../../lib/format';
import { waits } from '../../lib/waits';
import { Level, Stage } from '../../parts/marks';
import { toast } from '../../parts/toasts';
import type { ListSearch } from '../../router';
import { useMay } from '../../session/store';
import { patiently, run, said, type Step } from '../../tasks/store';
import { queryOf } from './columns';
import { gather, plan, type Gathered, type Picked, type What } from './picked';
import { saveDossier, type DossierChange } from './save';

interface Props {
  selected: ReadonlyMap<string, Picked>;
  select: (all: ReadonlyMap<string, Picked>) => void;
  search: ListSearch;
  /** Whether the page is selected and there are others. */
  whole: boolean;
}

export function Bulk({ selected, select, search, whole }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const [what, setWhat] = useState<What>();
  const clear = () => select(new Map());
  const { found, gathered, begin, stop } = useGather(search, select);
  // What was told of a selection is told no more once somebody changed it.
  const told = gathered?.all === selected ? gathered : undefined;
  return (
    <div className="table-foot bulk appear" role="region" aria-label={t('bulk.label')}>
      <span role="status">
        {found === undefined ? (
          <>
            <b>{t('bulk.selected', { n: count(selected.size) })}</b>
            {told && <Told of={told} />}
          </>
        ) : (
          t('bulk.reading', { n: count(found) })
        )}
      </span>
      {found !== undefined ? (
        <Button onClick={stop}>{t('task.stop')}</Button>
      ) : (
        <>
          {whole && !told && (
            <Button type="link" onClick={begin}>
              {t('bulk.all')}
            </Button>
          )}
          <Button onClick={() => setWhat('stage')}>{t('bulk.stage')}</Button>
          <Button onClick={() => setWhat('level')}>{t('bulk.level')}</Button>
          {may('manage_access') && <Button onClick={() => setWhat('team')}>{t('bulk.team')}</Button>}
        </>
      )}
      <span className="right">
        <Button type="text" onClick={clear}>
          {t('bulk.clear')}
        </Button>
      </span>
      {what && (
        <Change
          what={what}
          selected={[...selected.values()]}
          close={() => setWhat(undefined)}
          started={() => {
            setWhat(undefined);
            clear();
          }}
        />
      )}
    </div>
  );
}

const reason = ({ problem }: Gathered) => (problem instanceof Problem ? problem.body.detail : undefined);

function Told({ of }: { of: Gathered }) {
  const { t } = useTranslation();
  return (
    <span className={of.end === 'failed' ? 'wrong' : 'quiet'}>
      {t(`bulk.end.${of.end}`, { why: reason(of) ?? t('state.network') })}
    </span>
  );
}

/** Takes all that match, page after page, for as few fields as there can be. */
function useGather(search: ListSearch, select: Props['select']) {
  const { t } = useTranslation();
  const [found, setFound] = useState<number>();
  const [gathered, setGathered] = useState<Gathered>();
  const halt = useRef(false);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = halt.current = true;
    };
  }, []);
  const begin = () => {
    halt.current = false;
    setFound(0);
    const query = { ...queryOf({ ...search, after: undefined }, []), fields: ['subject' as const], limit: 100 };
    const page = (after: string | undefined) =>
      patiently(() =>
        ask(api.GET('/v1/dossiers', { params: { query: after === undefined ? query : { ...query, after } } })),
      );
    void gather(page, setFound, () => halt.current).then((now) => {
      if (gone.current) return;
      setFound(undefined);
      if (now.all.size === 0) {
        toast(reason(now) ?? t('state.network'));
        return;
      }
      setGathered(now);
      select(now.all);
    });
  };
  return { found, gathered, begin, stop: () => (halt.current = true) };
}

function Change({
  what,
  selected,
  close,
  started,
}: {
  what: What;
  selected: Picked[];
  close: () => void;
  started: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const teams = useQuery({ ...teamsQuery, enabled: what === 'team' });
  const kinds = useQuery(kindsQuery);
  const [value, setValue] = useState<string | number>();
  const { moved, same, frozen } = value === undefined ? plan([], what, '') : plan(selected, what, value);
  const needed =
    what === 'stage' && typeof value === 'number'
      ? needs(
          kinds.data?.items.find((one) => one.prefix === 'dos'),
          value,
        )
      : [];

  const start = () => {
    const steps: Step[] = moved.map((dossier) => ({
      code: dossier.code.slice(0, 15),
      act: async () => {
        const now = await saveDossier(dossier.id, dossier.version, { [what]: value } as DossierChange);
        if (waits(now)) return 'waits';
        return async () => {
          await saveDossier(dossier.id, now.version, { [what]: dossier[what] } as DossierChange);
        };
      },
    }));
    started();
    // What is on the screen is asked for again; what is not, only when somebody opens it.
    void run(t(`bulk.${what}`), steps, () => {
      for (const key of ['dossier', 'dossiers', 'board', 'approvals'])
        void client.invalidateQueries({ queryKey: [key] });
    }).then((task) => toast(said(task)));
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
      okText={t('bulk.do', { n: count(moved.length) })}
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
        {value === undefined ? (
          <p className="quiet">{t('bulk.text')}</p>
        ) : (
          <dl className="plan" role="status">
            <div>
              <dt>{t('bulk.moved')}</dt>
              <dd>{count(moved.length)}</dd>
            </div>
            <div>
              <dt>{t('bulk.same')}</dt>
              <dd>{count(same)}</dd>
            </div>
            {frozen > 0 && (
              <div>
                <dt>{t('bulk.frozen')}</dt>
                <dd>{count(frozen)}</dd>
              </div>
            )}
          </dl>
        )}
        {needed.length > 0 && (
          <p className="quiet">{t('bulk.needed', { fields: needed.map(label).join(t('bulk.comma')) })}</p>
        )}
        {moved.length > many && <p className="quiet">{t('bulk.stay')}</p>}
      </div>
    </Modal>
  );
}

/** From so many on it takes long enough to say that the page has to stay open. */
const many = 100;

const stages = ['lead', 'opportunity', 'signed', 'delivery', 'after_sales'];

/** The fields without which a dossier cannot be at this stage; what ends (5) waits for nothing. */
const needs = (kind: Kind | undefined, stage: number) =>
  (kind?.fields ?? [])
    .filter((field) => field.shown !== 'hidden' && field.required_from && field.required_from !== 'lead')
    .filter((field) => stage < 5 && stages.indexOf(field.required_from ?? '') <= stage)
    .map((field) => field.label);
