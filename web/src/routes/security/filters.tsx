// Filters of the ledger. They are over all entries: the server looks for them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { deeds } from '../../lib/leaf';
import type { Entry } from '../../lib/verify';
import type { LedgerSearch } from '../../router';
import { recordForm } from '../../router';
import { useMay } from '../../session/store';
import { filtersOf, isFiltered, logsQuery, unfiltered } from './query';

type Change = (change: Partial<LedgerSearch>) => void;

export function LedgerFilters({
  log,
  search,
  entries,
  change,
  wrong,
  setWrong,
}: {
  log: string;
  search: LedgerSearch;
  entries: Entry[];
  change: Change;
  /** Whether what was typed names no record; the page says so below. */
  wrong: boolean;
  setWrong: (wrong: boolean) => void;
}) {
  const { t } = useTranslation();
  const logs = useQuery(logsQuery);
  return (
    <>
      <Select
        aria-label={t('ledger.log')}
        value={log}
        popupMatchSelectWidth={false}
        onChange={(next: string) => change({ log: next })}
        options={(logs.data?.items ?? [{ log, size: 0 }]).map((one) => ({
          value: one.log,
          label: one.log === 'change' ? t('ledger.change') : t('ledger.access', { n: one.log.split('/')[1] ?? '1' }),
        }))}
      />
      <Who who={search.who} entries={entries} change={change} />
      <Select
        aria-label={t('ledger.action')}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        placeholder={t('ledger.action')}
        style={{ minWidth: 112 }}
        value={search.action}
        onChange={(action?: string) => change({ action })}
        options={Object.values(deeds).map((value) => ({ value, label: t(`deed.${value}`) }))}
      />
      <About record={search.record} change={change} wrong={wrong} setWrong={setWrong} />
      <Select
        aria-label={t('ledger.outcome')}
        allowClear
        placeholder={t('ledger.outcome')}
        style={{ minWidth: 96 }}
        value={search.outcome}
        onChange={(outcome?: string) => change({ outcome })}
        options={['done', 'refused'].map((value) => ({ value, label: t(`ledger.${value}`) }))}
      />
      <Select
        aria-label={t('ledger.time')}
        popupMatchSelectWidth={false}
        style={{ minWidth: 96 }}
        value={search.days ?? 0}
        onChange={(days: number) => change({ days: days || undefined })}
        options={[1, 7, 30, 0].map((value) => ({ value, label: t(`span.${value}`) }))}
      />
      {isFiltered(filtersOf(search)) && (
        <Button type="text" onClick={() => change(unfiltered)}>
          {t('filter.clear')}
        </Button>
      )}
    </>
  );
}

/** People and programs: all of them for who may list them, else those that have been read. */
function Who({ who, entries, change }: { who: string | undefined; entries: Entry[]; change: Change }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, setOpened] = useState(false);
  const [met, setMet] = useState<Record<string, string>>({});
  const known = useQueryClient();
  const all = useQuery({
    queryKey: ['ledger', 'people'],
    queryFn: async () => {
      const [users, clients] = await Promise.all([ask(api.GET('/v1/users')), ask(api.GET('/v1/clients'))]);
      return [
        ...users.items.map((one) => [one.id, one.name]),
        ...clients.items.map((one) => [one.client_id, one.name]),
      ] as [string, string][];
    },
    enabled: opened && may('manage_access'),
  });
  const read = (pages: unknown) =>
    ((pages as { pages?: { items: Entry[] }[] } | undefined)?.pages ?? []).flatMap((page) => page.items);
  const names: Record<string, string> = {
    ...(who ? { [who]: who } : {}),
    ...met,
    ...Object.fromEntries(entries.map((one) => [one.who_id, one.who])),
    ...Object.fromEntries(all.data ?? []),
  };
  const options = Object.entries(names).map(([value, label]) => ({ value, label }));
  return (
    <Select
      aria-label={t('ledger.who')}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      placeholder={t('ledger.who')}
      style={{ minWidth: 112 }}
      loading={all.isFetching}
      value={who}
      onOpenChange={(open) => {
        if (!open) return;
        setOpened(true);
        // Also who was read under other filters.
        const pages = known.getQueriesData({ queryKey: ['ledger'] }).flatMap(([, data]) => read(data));
        setMet(Object.fromEntries(pages.map((one) => [one.who_id, one.who])));
      }}
      onChange={(next?: string) => change({ who: next })}
      options={options.sort((a, b) => a.label.localeCompare(b.label))}
    />
  );
}

/** A customer by code, or any record by id. */
function About({
  record,
  change,
  wrong,
  setWrong,
}: {
  record: string | undefined;
  change: Change;
  wrong: boolean;
  setWrong: (wrong: boolean) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(record ?? '');
  // What stands in the address was changed elsewhere: by the way back, or by clearing all filters.
  const [seen, setSeen] = useState(record);
  if (record !== seen) {
    setSeen(record);
    setText(record ?? '');
  }
  const ask = () => {
    const given = text.trim();
    const id = given.includes('_') ? given.toLowerCase() : given.toUpperCase();
    if (id !== '' && !recordForm.test(id)) return setWrong(true);
    if (id !== (record ?? '')) change({ record: id || undefined });
  };
  return (
    <Input
      style={{ width: 208 }}
      aria-label={t('ledger.record')}
      aria-invalid={wrong}
      aria-describedby={wrong ? 'ledger-record-wrong' : undefined}
      placeholder={t('ledger.record')}
      status={wrong ? 'error' : ''}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        setWrong(false);
        if (event.target.value === '' && record) change({ record: undefined });
      }}
      onPressEnter={ask}
      onBlur={ask}
    />
  );
}
