// What somebody answered for who left or moved.
import { queryOptions } from '@tanstack/react-query';
import { api, ask } from './client';
import type { components } from './schema';

export type HandOver = components['schemas']['HandOver'];

export const handOversQuery = queryOptions({
  queryKey: ['hand-overs'],
  queryFn: () => ask(api.GET('/v1/hand-overs')),
  staleTime: 30_000,
});

export const takeOver = (id: string) => ask(api.POST('/v1/hand-overs/{id}/take', { params: { path: { id } } }));
