// The dossiers by stage. Each column is a list of its own, asked for when it is shown, and goes on when somebody wants more
// of it. Arrows go from card to card, Enter opens, S or the card's menu sets the stage; so does dragging.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/problem';
import type { Dossier } from '../../lib/fields';
import { useKeys } from '../../lib/keys';
import { usePhone } from '../../lib/phone';
import { tellWaits, waits } from '../../lib/waits';
import { Stage } from '../../parts/marks';
import { Failed, Loading } from '../../parts/states';
import { toast } from '../../parts/toasts';
import type { ListSearch } from '../../router';
import { useMay } from '../../session/store';
import { boardQuery, stages } from './board-query';
import { Card } from './card';
import { known, rowsOf } from './known';
import { saveDossier } from './save';
import type { Place } from './table';
import './board.css';

interface Props {
  search: ListSearch;
  /** The card that has the focus: its place in its column, and which stage's. */
  at: Place;
  move: (at: Place) => void;
  /** What is on the screen, in the order in which it stands there. */
  seen: (ids: string[]) => void;
}

const intoView = (button: HTMLElement | null) => button?.scrollIntoView({ block: 'nearest', inline: 'nearest' });

export function Board({ search, at, move, seen }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const phone = usePhone();
  const client = useQueryClient();
  const box = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<string>();
  const [dragged, setDragged] = useState<Dossier>();
  // The focus goes along with a card that moved, as soon as it stands in its new column.
  const [follow, setFollow] = useState<{ id: string; stage: number }>();
  const all = stages.filter((stage) => !search.stage || search.stage.includes(stage));
  const first = all[0] ?? 0;
  const here = all.includes(at.column) ? at.column : first;
  const shown = phone ? [here] : all;

  const rows = (stage: number) => rowsOf(client.getQueryData(boardQuery(search, stage).queryKey));
  const cards = (stage: number) =>
    box.current?.querySelectorAll<HTMLElement>(`[data-stage="${stage}"] .board-card > a`) ?? [];
  const focus = (stage: number, row: number) => {
    const there = cards(stage);
    const to = Math.max(0, Math.min(there.length - 1, row));
    if (there.length === 0) return;
    move({ row: to, column: stage });
    there[to]?.focus();
  };
  /** The next column in this direction that has a card. */
  const aside = (step: number) => {
    for (let n = shown.indexOf(here) + step; n >= 0 && n < shown.length; n += step)
      if (cards(shown[n] ?? 0).length > 0) return focus(shown[n] ?? 0, at.row);
  };
  useKeys({
    j: () => focus(here, at.row + 1),
    k: () => focus(here, at.row - 1),
    arrowdown: () => focus(here, at.row + 1),
    arrowup: () => focus(here, at.row - 1),
    arrowright: () => aside(1),
    arrowleft: () => aside(-1),
    home: () => focus(here, 0),
    end: () => focus(here, rows(here).length - 1),
    s: () => may('change') && at.row >= 0 && setMenu(rows(here)[at.row]?.id),
  });

  const set = async (dossier: Dossier, stage: number) => {
    setMenu(undefined);
    if (stage === dossier.stage) return;
    const shift = (now: Dossier) => {
      known(client, now);
      void client.invalidateQueries({ queryKey: ['dossier', now.id] });
      setFollow({ id: now.id, stage: now.stage });
    };
    try {
      const now = await saveDossier(dossier.id, dossier.version, { stage });
      if (waits(now)) {
        tellWaits(now);
        return;
      }
      shift(now);
      toast(t('board.moved', { stage: t(`stage.${stage}`) }), () => {
        void saveDossier(now.id, now.version, { stage: dossier.stage }).then(
          (back) => (waits(back) ? tellWaits(back) : shift(back)),
          () => toast(t('edit.undoFailed')),
        );
      });
    } catch (problem) {
      toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network'));
    }
  };
  const told = (): void => seen(shown.flatMap((stage) => rows(stage).map((one) => one.id)));

  return (
    <>
      {phone && (
        <div className="board-switch" role="group" aria-label={t('filter.stage')}>
          {all.map((stage) => (
            <button
              key={stage}
              type="button"
              className="plain"
              ref={stage === here ? intoView : undefined}
              aria-pressed={stage === here}
              onClick={() => move({ row: -1, column: stage })}
            >
              <Stage of={stage} />
            </button>
          ))}
        </div>
      )}
      <div className="board" ref={box}>
        {shown.map((stage) => (
          <Column
            key={stage}
            stage={stage}
            search={search}
            at={here === stage ? at.row : undefined}
            focused={(row) => {
              setFollow(undefined);
              if (at.row !== row || at.column !== stage) move({ row, column: stage });
            }}
            follow={follow?.stage === stage ? follow.id : undefined}
            told={told}
            menu={menu}
            openMenu={setMenu}
            dragged={dragged}
            drag={may('change') ? setDragged : undefined}
            set={set}
          />
        ))}
      </div>
    </>
  );
}

interface ColumnProps {
  stage: number;
  search: ListSearch;
  at: number | undefined;
  focused: (row: number) => void;
  follow: string | undefined;
  told: () => void;
  menu: string | undefined;
  openMenu: (id: string | undefined) => void;
  dragged: Dossier | undefined;
  drag: ((dossier: Dossier | undefined) => void) | undefined;
  set: (dossier: Dossier, stage: number) => Promise<void>;
}

function Column({ stage, search, at, focused, follow, told, menu, openMenu, dragged, drag, set }: ColumnProps) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(boardQuery(search, stage));
  const [over, setOver] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const rows = rowsOf(query.data);
  // Who comes back finds the card again.
  const wanted = useRef(at);
  useEffect(() => {
    if (wanted.current === undefined || wanted.current < 0 || rows.length === 0) return;
    list.current?.querySelectorAll<HTMLElement>('.board-card > a')[wanted.current]?.focus();
    wanted.current = undefined;
  }, [rows.length]);
  useEffect(() => {
    if (follow) list.current?.querySelector<HTMLElement>(`[data-id="${follow}"] > a`)?.focus();
  });
  useEffect(() => told());
  const fits = dragged !== undefined && dragged.stage !== stage;
  return (
    <section
      data-stage={stage}
      className={over && fits ? 'over' : ''}
      aria-label={t(`stage.${stage}`)}
      onDragOver={(event) => {
        if (!fits) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (dragged) void set(dragged, stage);
      }}
    >
      <h2>
        <Stage of={stage} />
        {rows.length > 0 && (
          <span className="meta">{t(query.hasNextPage ? 'board.atLeast' : 'board.count', { n: rows.length })}</span>
        )}
      </h2>
      {query.isError && !query.data ? (
        <Failed problem={query.error} retry={() => void query.refetch()} />
      ) : !query.data ? (
        <Loading lines={4} />
      ) : (
        <ul ref={list}>
          {rows.map((dossier, row) => (
            <Card
              key={dossier.id}
              dossier={dossier}
              reached={at === undefined ? row === 0 : Math.max(0, at) === row}
              focused={() => focused(row)}
              menu={menu === dossier.id}
              openMenu={(open) => openMenu(open ? dossier.id : undefined)}
              drag={drag}
              set={(to) => void set(dossier, to)}
            />
          ))}
          {rows.length === 0 && <li className="meta none">{t('board.none')}</li>}
          {query.isError && (
            <li>
              <Failed problem={query.error} retry={() => void query.fetchNextPage()} />
            </li>
          )}
          {query.hasNextPage && !query.isError && (
            <li>
              <Button block type="text" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t('board.more')}
              </Button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
