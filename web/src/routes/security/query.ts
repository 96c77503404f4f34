// What is asked of the ledger, and how the filters stand in the address: as ids, enumerations and a number of days.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { operations } from '../../api/schema';
import type { LedgerSearch } from '../../router';
import type { Entry } from '../../lib/verify';

/** How many entries a page has. */
export const size = 100;
const halfHour = 1_800_000;

type Query = NonNullable<operations['listEntries']['parameters']['query']>;
type Filters = Pick<LedgerSearch, 'who' | 'action' | 'outcome' | 'record' | 'days'>;

export const filtersOf = ({ who, action, outcome, record, days }: LedgerSearch): Filters => ({
  who,
  action,
  outcome,
  record,
  days,
});

/** A change that takes all filters away. */
export const unfiltered: Filters = {
  who: undefined,
  action: undefined,
  outcome: undefined,
  record: undefined,
  days: undefined,
};

export const isFiltered = (filters: Filters): boolean => Object.values(filters).some((one) => one !== undefined);

/** The first moment of the reader's own day so many days ago, today being the first of them. */
export function sinceOf(days: number, now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).toISOString();
}

const asQuery = ({ days, ...filters }: Filters): Query =>
  ({ ...filters, ...(days ? { since: sinceOf(days) } : {}) }) as Query;

const listed = (query: Query) => {
  // What is not there is not sent.
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
  return ask(api.GET('/v1/ledger', { params: { query: given } }));
};

export const logsQuery = queryOptions({
  queryKey: ['ledger', 'logs'],
  queryFn: () => ask(api.GET('/v1/ledger/logs')),
  staleTime: Infinity,
});

/** Newest first; each page goes on where the one before stopped, whether it is full or not. */
export const pagesQuery = (log: string, filters: Filters) =>
  infiniteQueryOptions({
    queryKey: ['ledger', log, filters],
    queryFn: ({ pageParam }) => listed({ log, limit: size, before: pageParam, ...asQuery(filters) }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.before ?? undefined,
    staleTime: Infinity,
  });

export const indexOf = (entry: string): number => Number(entry.split('-').at(-1));

export function logOf(entry: string | undefined): string | undefined {
  if (entry?.startsWith('c-')) return 'change';
  const node = /^a-(\d+)-/.exec(entry ?? '')?.[1];
  return node ? `access/${node}` : undefined;
}

/** One entry by its name, for who comes by a link. */
export const entryQuery = (entry: string, log: string) =>
  queryOptions({
    queryKey: ['ledger', log, 'entry', entry],
    queryFn: () => listed({ log, from: indexOf(entry), limit: 1 }),
    staleTime: Infinity,
  });

/** What the same person or program did half an hour before and after an entry. */
export const aroundQuery = (entry: Entry, log: string) =>
  queryOptions({
    queryKey: ['ledger', log, 'around', entry.id],
    queryFn: () => {
      const time = (offset: number) => new Date(Date.parse(entry.at) + offset).toISOString();
      return listed({ log, limit: 200, who: entry.who_id, since: time(-halfHour), until: time(halfHour) });
    },
    staleTime: Infinity,
  });
