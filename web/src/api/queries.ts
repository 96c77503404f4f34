// What is asked for, and how long it is kept: in memory, for a short time, and never asked for twice unless somebody
// wants it.
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';
import { api, ask } from './client';
import { people } from './people';
import { Problem } from './problem';
import type { operations } from './schema';

const minute = 60_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      refetchOnMount: true,
      staleTime: 2 * minute,
      gcTime: 2 * minute,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

export type ListQuery = NonNullable<operations['listDossiers']['parameters']['query']>;

export const kindsQuery = queryOptions({
  queryKey: ['kinds'],
  queryFn: () => ask(api.GET('/v1/kinds')),
  staleTime: Infinity,
  gcTime: Infinity,
});

export const teamsQuery = queryOptions({
  queryKey: ['teams'],
  queryFn: () => ask(api.GET('/v1/teams')),
  staleTime: 10 * minute,
});

export const rolesQuery = queryOptions({ queryKey: ['roles'], queryFn: () => ask(api.GET('/v1/roles')) });
export const peopleQuery = queryOptions({ queryKey: ['people'], queryFn: people.list, staleTime: 0 });
export const programsQuery = queryOptions({
  queryKey: ['programs'],
  queryFn: () => ask(api.GET('/v1/clients')),
  staleTime: 0,
});

export const viewsQuery = queryOptions({ queryKey: ['views'], queryFn: people.views, staleTime: 10 * minute });

export const dossiersQuery = (query: ListQuery) =>
  queryOptions({ queryKey: ['dossiers', query], queryFn: () => ask(api.GET('/v1/dossiers', { params: { query } })) });

/** With who entered what, where that is to be seen of this record. */
async function withOrigins<T>(read: (provenance: boolean) => Promise<T>): Promise<T> {
  try {
    return await read(true);
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 403) return read(false);
    throw problem;
  }
}

export const readDossier = (id: string) =>
  withOrigins((provenance) => ask(api.GET('/v1/dossiers/{id}', { params: { path: { id }, query: { provenance } } })));

export const readContact = (id: string) =>
  withOrigins((provenance) => ask(api.GET('/v1/contacts/{id}', { params: { path: { id }, query: { provenance } } })));

export const dossierQuery = (id: string) =>
  queryOptions({
    queryKey: ['dossier', id],
    queryFn: () => readDossier(id),
  });

export const contactsQuery = (id: string) =>
  queryOptions({
    queryKey: ['contacts', id],
    queryFn: () => ask(api.GET('/v1/dossiers/{id}/contacts', { params: { path: { id }, query: { limit: 50 } } })),
  });

export const looksQuery = (id: string) =>
  queryOptions({
    queryKey: ['looks', id],
    queryFn: () => ask(api.GET('/v1/dossiers/{id}/looks', { params: { path: { id } } })),
    staleTime: 0,
  });

/** Versions of a dossier or a contact, page by page. A new version begins anew. */
export const historyQuery = (of: 'dossiers' | 'contacts', id: string, version: number) =>
  infiniteQueryOptions({
    queryKey: ['history', id, version],
    queryFn: ({ pageParam }) => {
      const params = { path: { id }, query: { limit: 50, ...(pageParam ? { before: pageParam } : {}) } };
      return ask(
        of === 'dossiers'
          ? api.GET('/v1/dossiers/{id}/history', { params })
          : api.GET('/v1/contacts/{id}/history', { params }),
      );
    },
    initialPageParam: 0,
    getNextPageParam: (last) => last.next,
    // What was shown stays until the new version is there.
    placeholderData: (before) => before,
    staleTime: Infinity,
  });

export const setUpQuery = queryOptions({
  queryKey: ['set-up'],
  queryFn: () => ask(api.GET('/v1/set-up/state')),
  staleTime: 0,
});
const quality = (query: { fresh?: boolean; kept?: boolean }) => ask(api.GET('/v1/quality', { params: { query } }));
export const qualityQuery = queryOptions({ queryKey: ['quality'], queryFn: () => quality({}) });
/** What the server has worked out before, if anything: for it no dossier is opened. */
export const keptQualityQuery = queryOptions({
  queryKey: ['quality', 'kept'],
  queryFn: async () => (await quality({ kept: true })) ?? null,
});
/** The figures worked out, by themselves or anew; every screen has them then. */
export const workOutQuality = async (fresh: boolean) => {
  const now = await quality(fresh ? { fresh } : {});
  if (!now) return;
  queryClient.setQueryData(qualityQuery.queryKey, now);
  queryClient.setQueryData(keptQualityQuery.queryKey, now);
};
export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: () => ask(api.GET('/v1/imports', { params: { query: { limit: 50 } } })),
  staleTime: 0,
});
export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['import', id],
    queryFn: () => ask(api.GET('/v1/imports/{id}', { params: { path: { id } } })),
    staleTime: 0,
  });
