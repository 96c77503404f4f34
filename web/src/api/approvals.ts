// Requests for approval: what waits for somebody, what they asked for, what has ended.
import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { api, ask } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Waiting = Schemas['Waiting'];
export type Request = Schemas['Request'];
export type Box = 'waiting' | 'asked' | 'ended';
export const boxes: Box[] = ['waiting', 'asked', 'ended'];
type Page = Schemas['Requests'];
type Pages = InfiniteData<Page, string>;

/** Whether an answer says that what was asked for waits for others. */
export const waits = (answer: unknown): answer is Waiting =>
  typeof answer === 'object' && answer !== null && 'waits_for' in answer && 'approve_until' in answer;

/** The list and the count of the navigation are one: what is decided leaves both. */
export const requestsQuery = (box: Box) =>
  infiniteQueryOptions({
    queryKey: ['approvals', box],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/v1/approvals', { params: { query: { box, ...(pageParam ? { before: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    staleTime: 5_000,
  });

export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ['approval', id],
    queryFn: () => ask(api.GET('/v1/approvals/{id}', { params: { path: { id } } })),
    staleTime: 30_000,
  });

export const rowsOf = (data: { pages: Page[] } | undefined): Request[] =>
  data?.pages.flatMap((page) => page.items) ?? [];

export const decide = (id: string, body: Schemas['Decision']): Promise<Request> =>
  ask(api.POST('/v1/approvals/{id}/decision', { params: { path: { id } }, body }));

/** Tells the lists in memory what became of a request. One that waits for this person no more leaves their inbox. */
export function known(client: QueryClient, now: Request): void {
  client.setQueryData(requestQuery(now.id).queryKey, now);
  const mine = now.may.includes('agree');
  client.setQueryData<Pages>(requestsQuery('waiting').queryKey, (data) => {
    if (!data) return data;
    const gone = !mine && rowsOf(data).some((one) => one.id === now.id);
    return {
      ...data,
      pages: data.pages.map((page) => ({
        ...page,
        items: gone
          ? page.items.filter((one) => one.id !== now.id)
          : page.items.map((one) => (one.id === now.id ? now : one)),
        ...(page.total === undefined ? {} : { total: Math.max(0, page.total - (gone ? 1 : 0)) }),
      })),
    };
  });
  for (const box of ['asked', 'ended'] as const) void client.invalidateQueries({ queryKey: ['approvals', box] });
  // It may have been carried out: what is shown of the record is from before.
  if (now.state === 'executed')
    for (const key of ['dossier', 'contacts', 'dossiers', 'board', 'history'])
      void client.invalidateQueries({ queryKey: [key], refetchType: 'none' });
}
