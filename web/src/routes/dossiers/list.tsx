import LeftOutlined from '@ant-design/icons/LeftOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import ProjectOutlined from '@ant-design/icons/ProjectOutlined';
import ReloadOutlined from '@ant-design/icons/ReloadOutlined';
import RightOutlined from '@ant-design/icons/RightOutlined';
import TableOutlined from '@ant-design/icons/TableOutlined';
import { useIsFetching, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Select, Tooltip } from 'antd';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dossiersQuery, kindsQuery } from '../../api/queries';
import { isMasked, type Dossier, type Field } from '../../lib/fields';
import { useKeys } from '../../lib/keys';
import { usePhone } from '../../lib/phone';
import { Empty, Failed, Loading } from '../../parts/states';
import { toast } from '../../parts/toasts';
import type { ListSearch } from '../../router';
import { useMay } from '../../session/store';
import { Cards } from './cards';
import { columnsOf, offered, queryOf } from './columns';
import { facets, Filters, isSet, type Facet } from './filters';
import { known } from './known';
import { lastSeen } from './last-seen';
import { picked, type Picked } from './picked';
import { DossierTable, type Place } from './table';
import { Views } from './views';
import { later } from '../../words';
import '../../styles/table.css';

// Which page came before which, and where the reader was on a page: so that Back finds it as it was.
const before = new Map<string, string | undefined>();
const places = new Map<string, Place>();
const nowhere: Place = { row: -1, column: 0 };
const keyOf = (search: ListSearch) =>
  JSON.stringify(
    Object.entries(search)
      .filter(([, value]) => value !== undefined)
      .sort(),
  );

/** The choice of columns that is one's own. */
const own = 'own';

// What opens over the list is loaded when it opens.
const Board = later(() => import('./board').then((m) => m.Board));
const Bulk = later(() => import('./bulk').then((m) => m.Bulk));
const Peek = later(() => import('./peek').then((m) => m.Peek));
const Picker = later(() => import('./picker').then((m) => m.Picker));
const CellEditor = later(() => import('./cell-editor').then((m) => m.CellEditor));

export function DossierList() {
  const { t } = useTranslation();
  const may = useMay();
  const phone = usePhone();
  const client = useQueryClient();
  const search = useSearch({ from: '/shell/dossiers' });
  const navigate = useNavigate({ from: '/dossiers' });
  const kinds = useQuery(kindsQuery);
  const kind = kinds.data?.items.find((one) => one.prefix === 'dos');
  const columns = useMemo(
    () => columnsOf({ set: search.set, cols: search.cols }, kind),
    [search.set, search.cols, kind],
  );
  const board = search.show === 'board';
  const query = useQuery({ ...dossiersQuery(queryOf(search, columns)), enabled: kind !== undefined && !board });
  const items = query.data?.items ?? [];
  const fetching = useIsFetching({ queryKey: [board ? 'board' : 'dossiers'] }) > 0;

  const key = keyOf(search);
  const [at, setAt] = useState<Place>(() => places.get(key) ?? nowhere);
  const [selected, setSelected] = useState<ReadonlyMap<string, Picked>>(new Map());
  const [peeking, setPeeking] = useState<Dossier>();
  const [editing, setEditing] = useState<{ dossier: Dossier; field: Field }>();
  const [open, setOpen] = useState<Facet | 'add'>();
  const [picking, setPicking] = useState(false);

  // Other filters, another page, or back to one: a selection is of one list, and the place is the one that was left there.
  const [shown, setShown] = useState(key);
  if (shown !== key) {
    setShown(key);
    setAt(places.get(key) ?? nowhere);
    setSelected(new Map());
  }

  useEffect(() => {
    lastSeen.search = search;
  }, [search]);
  useEffect(() => {
    if (query.data && !board) lastSeen.ids = query.data.items.map((one) => one.id);
  }, [query.data, board]);
  const move = (to: Place) => {
    places.set(key, to);
    setAt(to);
  };
  const apply = (next: ListSearch) => {
    // What somebody asks for begins at its top.
    places.delete(keyOf(next));
    void navigate({ search: next, replace: false });
  };
  const change = (part: Partial<ListSearch>) => apply({ ...search, ...part, after: undefined });
  const toPage = (after: string | undefined) => apply({ ...search, after });
  const refresh = () => void (board ? client.refetchQueries({ queryKey: ['board'], type: 'active' }) : query.refetch());
  const openRecord = (dossier: Dossier) => void navigate({ to: '/dossiers/$id', params: { id: dossier.id } });

  useKeys({
    f: () => setOpen('add'),
    n: () => may('create') && void navigate({ to: '/dossiers/new' }),
  });

  /** A row that is selected is changed on from the version that it has now. */
  const saved = (now: Dossier) => {
    known(client, now);
    setSelected((was) => (was.has(now.id) ? new Map(was).set(now.id, picked(now)) : was));
  };

  const filtered = facets.some((facet) => isSet(search, facet));
  const next = query.data?.next ?? undefined;
  const foot = query.data && (
    <div className="table-foot">
      <span className="meta" role="status">
        {t('list.onPage', { n: items.length })}
      </span>
      <span className="right">
        <Button
          icon={<LeftOutlined />}
          disabled={!search.after}
          onClick={() =>
            search.after && before.has(search.after) ? toPage(before.get(search.after)) : toPage(undefined)
          }
        >
          {search.after && !before.has(search.after) ? t('list.first') : t('list.previous')}
        </Button>
        <Button
          disabled={!next}
          onClick={() => {
            if (!next) return;
            before.set(next, search.after);
            toPage(next);
          }}
        >
          {t('list.next')} <RightOutlined />
        </Button>
      </span>
    </div>
  );
  return (
    <div className="page table-page">
      <header className="page-head">
        <Views search={search} apply={apply} />
        <div className="actions">
          {!phone && may('import') && (
            <Button onClick={() => void navigate({ to: '/imports/new' })}>{t('list.import')}</Button>
          )}
          {may('create') && (
            <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate({ to: '/dossiers/new' })}>
              {phone ? '' : t('list.new')}
              {phone && <span className="hear">{t('list.new')}</span>}
            </Button>
          )}
        </div>
      </header>
      <div className="tools">
        <Filters search={search} change={change} open={open} setOpen={setOpen} />
        <span className="grow" />
        {!phone && !board && (
          <Select
            aria-label={t('list.columns')}
            variant="borderless"
            size="small"
            popupMatchSelectWidth={false}
            value={search.cols ? own : (search.set ?? 'common')}
            onSelect={(set: string) => {
              if (set === own) setPicking(true);
              else change({ set: set === 'common' ? undefined : set, cols: undefined });
            }}
            options={[...offered(kind), own].map((set) => ({ value: set, label: t(`columns.${set}`) }))}
          />
        )}
        <span className="switch" role="group" aria-label={t('list.show')}>
          {([undefined, 'board'] as const).map((show) => (
            <Tooltip key={show ?? 'table'} title={t(`list.${show ?? 'table'}`)}>
              <Button
                type="text"
                size="small"
                aria-pressed={search.show === show}
                aria-label={t(`list.${show ?? 'table'}`)}
                icon={show ? <ProjectOutlined /> : <TableOutlined />}
                onClick={() => search.show !== show && change({ show })}
              />
            </Tooltip>
          ))}
        </span>
        <Tooltip title={t('list.refresh')}>
          <Button
            type="text"
            size="small"
            aria-label={t('list.refresh')}
            icon={<ReloadOutlined spin={fetching} />}
            onClick={refresh}
          />
        </Tooltip>
      </div>
      {(query.isError && !board) || kinds.isError ? (
        <div className="page-body">
          <Failed problem={query.error ?? kinds.error} retry={() => void query.refetch()} />
        </div>
      ) : board && kind ? (
        <Suspense fallback={<Loading lines={12} />}>
          <Board
            key={key}
            search={search}
            at={at}
            move={move}
            seen={(ids) => {
              lastSeen.ids = ids;
            }}
          />
        </Suspense>
      ) : !query.data ? (
        <Loading lines={12} />
      ) : items.length === 0 ? (
        <Empty
          title={t(filtered ? 'list.noMatch' : 'list.nothing')}
          actions={
            filtered ? (
              <Button onClick={() => apply({ set: search.set, cols: search.cols })}>{t('filter.clear')}</Button>
            ) : (
              may('create') && (
                <Button type="primary" onClick={() => void navigate({ to: '/dossiers/new' })}>
                  {t('list.new')}
                </Button>
              )
            )
          }
        >
          {t(filtered ? 'list.noMatchText' : 'list.nothingText')}
        </Empty>
      ) : phone ? (
        <>
          <Cards items={items} />
          {foot}
        </>
      ) : (
        <>
          <DossierTable
            key={key}
            items={items}
            columns={columns}
            at={at}
            move={move}
            selected={selected}
            select={(ids, on) => {
              const now = new Map(selected);
              for (const one of items.filter((item) => ids.includes(item.id))) {
                if (on) now.set(one.id, picked(one));
                else now.delete(one.id);
              }
              setSelected(now);
            }}
            selectable={may('change')}
            teams={new Set(items.map((one) => one.team)).size > 1}
            peek={setPeeking}
            open={openRecord}
            edit={(dossier, field) => {
              if (!may('change')) return;
              if (isMasked(dossier, field.name)) toast(t('list.maskedEdit'));
              else setEditing({ dossier, field });
            }}
          />
          {selected.size > 0 ? (
            <Suspense>
              <Bulk
                selected={selected}
                select={setSelected}
                search={search}
                whole={items.every((one) => selected.has(one.id)) && Boolean(next ?? search.after)}
              />
            </Suspense>
          ) : (
            foot
          )}
        </>
      )}
      <Suspense>
        {peeking && <Peek dossier={peeking} close={() => setPeeking(undefined)} />}
        {picking && <Picker columns={search} kind={kind} change={change} close={() => setPicking(false)} />}
        {editing && <CellEditor {...editing} close={() => setEditing(undefined)} saved={saved} />}
      </Suspense>
    </div>
  );
}
