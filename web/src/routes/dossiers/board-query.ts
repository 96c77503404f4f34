// A column of the board: its pages as they came, and what a card that moves makes of them.
import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { Dossier } from '../../lib/fields';
import type { ListSearch } from '../../router';
import { queryOf } from './columns';

export const stages = [0, 1, 2, 3, 4, 5];
const page = 25;

type Page = { items: Dossier[]; next?: string | null };
type Pages = InfiniteData<Page>;

export const rowsOf = (data: Pages | undefined): Dossier[] => data?.pages.flatMap((one) => one.items) ?? [];

/** The column without the dossier. */
export const take = (data: Pages, id: string): Pages => ({
  ...data,
  pages: data.pages.map((one) => ({ ...one, items: one.items.filter((item) => item.id !== id) })),
});

/** The column with the dossier on top of it: what was just moved is looked for there. */
export const put = (data: Pages, dossier: Dossier): Pages => ({
  ...data,
  pages: take(data, dossier.id).pages.map((one, n) => (n === 0 ? { ...one, items: [dossier, ...one.items] } : one)),
});

/** The name is all that a card shows of the fields. Kept as it is until somebody asks anew: each page is an entry. */
export const boardQuery = (search: ListSearch, stage: number) => {
  const query = { ...queryOf({ ...search, stage: [stage], after: undefined }, []), limit: page };
  return infiniteQueryOptions({
    queryKey: ['board', query],
    queryFn: ({ pageParam }): Promise<Page> =>
      ask(api.GET('/v1/dossiers', { params: { query: pageParam ? { ...query, after: pageParam } : query } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    staleTime: Infinity,
  });
};
