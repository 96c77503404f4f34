// Saved views: which filters and columns, table or board, kept sealed by the server. Sharing one shares no rows.
import CheckOutlined from '@ant-design/icons/CheckOutlined';
import DeleteOutlined from '@ant-design/icons/DeleteOutlined';
import DownOutlined from '@ant-design/icons/DownOutlined';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Popover } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people, type View } from '../../api/people';
import { viewsQuery } from '../../api/queries';
import { toast } from '../../parts/toasts';
import type { ListSearch } from '../../router';
import { later } from '../../words';

const Naming = later(() => import('./naming').then((m) => m.Naming));

const kept = ['stage', 'level', 'team', 'industry', 'from', 'to', 'set', 'cols', 'show'] as const;

export const bodyOf = (search: ListSearch): Record<string, unknown> =>
  Object.fromEntries(kept.flatMap((key) => (search[key] === undefined ? [] : [[key, search[key]]])));

export const searchOf = (view: View): ListSearch => ({
  ...Object.fromEntries(kept.map((key) => [key, view.body[key]])),
  v: view.id,
});

export const same = (one: Record<string, unknown>, other: Record<string, unknown>): boolean => {
  const sorted = (body: Record<string, unknown>) => JSON.stringify(kept.map((key) => body[key] ?? null));
  return sorted(one) === sorted(other);
};

export function Views({ search, apply }: { search: ListSearch; apply: (search: ListSearch) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const views = useQuery(viewsQuery);
  const [open, setOpen] = useState(false);
  const [naming, setNaming] = useState(false);
  const items = views.data?.items ?? [];
  const current = items.find((view) => view.id === search.v);
  const dirty = current ? !same(current.body, bodyOf(search)) : Object.keys(bodyOf(search)).length > 0;
  const reload = () => client.invalidateQueries({ queryKey: ['views'] });

  const save = useMutation({
    mutationFn: (view: View) =>
      people.changeView(view.id, { name: view.name, shared: view.shared, body: bodyOf(search) }),
    onSuccess: () => {
      toast(t('view.saved'));
      return reload();
    },
  });
  const forget = useMutation({
    mutationFn: (view: View) => people.forgetView(view.id),
    onSuccess: (_, view) => {
      if (view.id === search.v) apply({});
      toast(t('view.forgotten'), () => {
        void people.addView({ name: view.name, shared: view.shared, body: view.body }).then(reload);
      });
      return reload();
    },
  });
  return (
    <>
      <Popover
        trigger="click"
        arrow={false}
        placement="bottomLeft"
        open={open}
        onOpenChange={setOpen}
        styles={{ container: { padding: 6 } }}
        content={
          <div className="options">
            <button
              type="button"
              className="opt plain"
              onClick={() => {
                setOpen(false);
                apply({});
              }}
            >
              <span className="grow">{t('view.all')}</span> {!current && <CheckOutlined />}
            </button>
            {items.length > 0 && <div className="sep" />}
            {items.map((view) => (
              <div key={view.id} className="row">
                <button
                  type="button"
                  className="opt plain"
                  onClick={() => {
                    setOpen(false);
                    apply(searchOf(view));
                  }}
                >
                  <span className="grow">{view.name}</span>
                  {view.shared && <span className="why">{t('view.shared')}</span>}
                  {view.id === search.v && <CheckOutlined />}
                </button>
                {view.own && (
                  <Button
                    type="text"
                    size="small"
                    icon={<DeleteOutlined />}
                    aria-label={t('view.forget', { name: view.name })}
                    onClick={() => forget.mutate(view)}
                  />
                )}
              </div>
            ))}
          </div>
        }
      >
        <button type="button" className="plain view-name">
          <h1>{current?.name ?? t('view.all')}</h1>
          {dirty && <i className="dot" title={t('view.dirty')} style={{ color: 'var(--primary)' }} />}
          <DownOutlined style={{ fontSize: 11, color: 'var(--text-3)' }} />
        </button>
      </Popover>
      {dirty && (
        <span className="row view-save">
          {current?.own && (
            <Button type="text" size="small" loading={save.isPending} onClick={() => save.mutate(current)}>
              {t('do.save')}
            </Button>
          )}
          <Button type="text" size="small" onClick={() => setNaming(true)}>
            {current ? t('view.saveAs') : t('view.save')}
          </Button>
          {current && (
            <Button type="text" size="small" onClick={() => apply(searchOf(current))}>
              {t('view.revert')}
            </Button>
          )}
        </span>
      )}
      {naming && (
        <Suspense>
          <Naming
            body={bodyOf(search)}
            close={() => setNaming(false)}
            done={(view) => {
              setNaming(false);
              void reload().then(() => apply(searchOf(view)));
            }}
          />
        </Suspense>
      )}
    </>
  );
}
