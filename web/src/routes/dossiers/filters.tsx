// Filters on declared facets alone. Fields that are masked for the reader stand in the list too, and say why they cannot
// be filtered by.
import CloseOutlined from '@ant-design/icons/CloseOutlined';
import FilterOutlined from '@ant-design/icons/FilterOutlined';
import LockOutlined from '@ant-design/icons/LockOutlined';
import { useQuery } from '@tanstack/react-query';
import { Input, Popover } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery, teamsQuery } from '../../api/queries';
import { label } from '../../lib/format';
import type { ListSearch } from '../../router';
import { Level, Stage } from '../../parts/marks';
import { useMay } from '../../session/store';

export type Facet = 'stage' | 'level' | 'team' | 'industry' | 'created';
export const facets: Facet[] = ['stage', 'level', 'team', 'industry', 'created'];

export const isSet = (search: ListSearch, facet: Facet): boolean =>
  facet === 'created' ? Boolean(search.from ?? search.to) : (search[facet]?.length ?? 0) > 0;

export const cleared = (facet: Facet): Partial<ListSearch> =>
  facet === 'created' ? { from: undefined, to: undefined } : { [facet]: undefined };

type Change = (change: Partial<ListSearch>) => void;

function Options<T extends string | number>({
  all,
  chosen,
  change,
}: {
  all: { key: T; text: ReactNode }[];
  chosen: T[];
  change: (chosen: T[] | undefined) => void;
}) {
  return (
    <div className="options" role="group">
      {all.map((one) => (
        <label key={one.key}>
          <input
            type="checkbox"
            checked={chosen.includes(one.key)}
            onChange={(event) => {
              const next = event.target.checked ? [...chosen, one.key] : chosen.filter((key) => key !== one.key);
              change(next.length > 0 ? next : undefined);
            }}
          />
          {one.text}
        </label>
      ))}
    </div>
  );
}

function FacetBody({ facet, search, change }: { facet: Facet; search: ListSearch; change: Change }) {
  const { t } = useTranslation();
  const kinds = useQuery(kindsQuery);
  const teams = useQuery({ ...teamsQuery, enabled: facet === 'team' });
  const industry = kinds.data?.items[0]?.fields.find((field) => field.name === 'industry');
  switch (facet) {
    case 'stage':
      return (
        <Options
          all={[0, 1, 2, 3, 4, 5].map((key) => ({ key, text: <Stage of={key} /> }))}
          chosen={search.stage ?? []}
          change={(stage) => change({ stage })}
        />
      );
    case 'level':
      return (
        <Options
          all={['L1', 'L2', 'L3', 'L4'].map((key) => ({ key, text: <Level of={key} /> }))}
          chosen={search.level ?? []}
          change={(level) => change({ level })}
        />
      );
    case 'team':
      return (
        <Options
          all={(teams.data?.items ?? []).map((team) => ({ key: team.id, text: team.name }))}
          chosen={search.team ?? []}
          change={(team) => change({ team })}
        />
      );
    case 'industry':
      return (
        <Options
          all={(industry?.options ?? []).map((option) => ({ key: option.code, text: label(option) }))}
          chosen={search.industry ?? []}
          change={(industry) => change({ industry })}
        />
      );
    case 'created':
      return (
        <div className="stack small" style={{ padding: 4 }}>
          {(['from', 'to'] as const).map((end) => (
            <div key={end} className="field">
              <label htmlFor={`created-${end}`}>{t(`filter.${end}`)}</label>
              <Input
                id={`created-${end}`}
                type="date"
                value={search[end] ?? ''}
                onChange={(event) => change({ [end]: event.target.value || undefined })}
              />
            </div>
          ))}
        </div>
      );
  }
}

function summary(
  facet: Facet,
  search: ListSearch,
  t: (key: string) => string,
  names: (facet: Facet, key: string) => string,
) {
  if (facet === 'created') return `${search.from ?? '…'} – ${search.to ?? '…'}`;
  const all = (search[facet] ?? []).map((key) =>
    facet === 'stage' ? t(`stage.${key}`) : facet === 'level' ? String(key) : names(facet, String(key)),
  );
  return all.length > 2 ? `${all.slice(0, 2).join('、')} +${all.length - 2}` : all.join('、');
}

export function Filters({
  search,
  change,
  open,
  setOpen,
}: {
  search: ListSearch;
  change: Change;
  open: Facet | 'add' | undefined;
  setOpen: (facet: Facet | 'add' | undefined) => void;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const kinds = useQuery(kindsQuery);
  const teams = useQuery({ ...teamsQuery, enabled: may('manage_access') && isSet(search, 'team') });
  const [fresh, setFresh] = useState<Facet>();
  const shown = facets.filter((facet) => isSet(search, facet) || facet === fresh);
  const fields = kinds.data?.items[0]?.fields ?? [];
  const names = (facet: Facet, key: string) =>
    facet === 'team'
      ? (teams.data?.items.find((team) => team.id === key)?.name ?? key)
      : label(
          fields.find((field) => field.name === 'industry')?.options.find((option) => option.code === key) ?? {
            zh: key,
            en: key,
          },
        );
  const addable = facets.filter((facet) => !shown.includes(facet) && (facet !== 'team' || may('manage_access')));
  return (
    <>
      {shown.map((facet) => (
        <Popover
          key={facet}
          trigger="click"
          arrow={false}
          placement="bottomLeft"
          open={open === facet}
          onOpenChange={(now) => {
            setOpen(now ? facet : undefined);
            if (!now) setFresh(undefined);
          }}
          styles={{ container: { padding: 6 } }}
          content={<FacetBody facet={facet} search={search} change={change} />}
        >
          <span className="chip">
            <button type="button">
              <b>{t(`filter.${facet}`)}</b>
              {isSet(search, facet) ? summary(facet, search, t, names) : '…'}
            </button>
            <button
              type="button"
              aria-label={t('filter.remove', { name: t(`filter.${facet}`) })}
              onClick={(event) => {
                event.stopPropagation();
                setFresh(undefined);
                setOpen(undefined);
                change(cleared(facet));
              }}
            >
              <CloseOutlined style={{ fontSize: 10 }} />
            </button>
          </span>
        </Popover>
      ))}
      <Popover
        trigger="click"
        arrow={false}
        placement="bottomLeft"
        open={open === 'add'}
        onOpenChange={(now) => setOpen(now ? 'add' : undefined)}
        styles={{ container: { padding: 6 } }}
        content={
          <div className="options">
            {addable.map((facet) => (
              <button
                key={facet}
                type="button"
                className="opt plain"
                onClick={() => {
                  setFresh(facet);
                  setOpen(facet);
                }}
              >
                {t(`filter.${facet}`)}
              </button>
            ))}
            <div className="sep" />
            {fields
              .filter((field) => field.shown === 'masked')
              .map((field) => (
                <button key={field.name} type="button" className="opt plain" disabled>
                  <LockOutlined /> {label(field.label)}
                  <span className="why">{t('filter.masked')}</span>
                </button>
              ))}
          </div>
        }
      >
        <span className="chip add">
          <button type="button">
            <FilterOutlined /> {t('filter.add')}
          </button>
        </span>
      </Popover>
      {shown.length > 0 && (
        <button
          type="button"
          className="plain meta"
          onClick={() => {
            setFresh(undefined);
            change({
              stage: undefined,
              level: undefined,
              team: undefined,
              industry: undefined,
              from: undefined,
              to: undefined,
            });
          }}
        >
          {t('filter.clear')}
        </button>
      )}
    </>
  );
}
