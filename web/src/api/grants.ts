// Applications for rights, and what was granted for a time.
import { queryOptions } from '@tanstack/react-query';
import { api, ask } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Grant = Schemas['Grant'];
export type NewGrant = Schemas['NewGrant'];
export type GrantBox = 'own' | 'all';

export const grantsQuery = (box: GrantBox) =>
  queryOptions({
    queryKey: ['grants', box],
    queryFn: () => ask(api.GET('/v1/grants', { params: { query: { box } } })),
    staleTime: 5_000,
  });

export const apply = (body: NewGrant) => ask(api.POST('/v1/grants', { body }));

export const endGrant = (id: string): Promise<Grant> =>
  ask(api.POST('/v1/grants/{id}/end', { params: { path: { id } } }));
