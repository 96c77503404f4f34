// A column of the board: a list of one stage, page by page.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import type { ListSearch } from '../../router';
import { queryOf } from './columns';
import type { Page } from './known';

export const stages = [0, 1, 2, 3, 4, 5];
const page = 25;

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
