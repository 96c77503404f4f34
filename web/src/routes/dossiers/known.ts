// What the lists know of a dossier that was just changed here: its row and its card say so at once, and nothing is asked for
// anew. A row stays where it stands; a card goes to the column of its stage.
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { ListQuery } from '../../api/queries';
import type { Dossier } from '../../lib/fields';

export type Page = { items: Dossier[]; next?: string | null };
export type Pages = InfiniteData<Page>;

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

/** The dossier with no more fields than the list asked for. */
function narrow(dossier: Dossier, { fields = [] }: ListQuery): Dossier {
  const named = (name: string) => (fields as string[]).includes(name);
  return {
    ...dossier,
    fields: Object.fromEntries(Object.entries(dossier.fields).filter(([name]) => named(name))),
    masked: dossier.masked.filter(named),
  };
}

/** Tells the lists in memory what became of a dossier. */
export function known(client: QueryClient, now: Dossier): void {
  const renew = (page: Page, query: ListQuery): Page => ({
    ...page,
    items: page.items.map((one) => (one.id === now.id ? narrow(now, query) : one)),
  });
  for (const [key, page] of client.getQueriesData<Page>({ queryKey: ['dossiers'] }))
    if (page) client.setQueryData(key, renew(page, key[1] as ListQuery));

  const columns = client.getQueriesData<Pages>({ queryKey: ['board'] });
  const filters = (query: ListQuery) => JSON.stringify({ ...query, stage: undefined });
  const boards = new Set(
    columns
      .filter(([, data]) => rowsOf(data).some((one) => one.id === now.id))
      .map(([key]) => filters(key[1] as ListQuery)),
  );
  for (const [key, data] of columns) {
    const query = key[1] as ListQuery;
    if (!data || !boards.has(filters(query))) continue;
    if (!query.stage?.includes(now.stage)) client.setQueryData(key, take(data, now.id));
    else if (rowsOf(data).some((one) => one.id === now.id))
      client.setQueryData(key, { ...data, pages: data.pages.map((page) => renew(page, query)) });
    else client.setQueryData(key, put(data, narrow(now, query)));
  }
}
