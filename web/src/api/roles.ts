// Roles are changed one at a time, with the version that was seen.
import { draftOf, rulesOf, type Draft, type Role } from '../lib/roles';
import type { Waiting } from './approvals';
import { api, ask } from './client';

export const addRole = (draft: Draft): Promise<Role | Waiting> => ask(api.POST('/v1/roles', { body: rulesOf(draft) }));

export const changeRole = (id: string, version: number, draft: Draft): Promise<Role | Waiting> =>
  ask(
    api.PUT('/v1/roles/{id}', {
      params: { path: { id }, header: { 'If-Match': `"${version}"` } },
      body: rulesOf(draft),
    }),
  );

/** Gives a role the rules of an earlier version back. */
export const restoreRole = (now: Role, earlier: Role): Promise<Role | Waiting> =>
  changeRole(now.id, now.version, draftOf(earlier));

export const removeRole = (id: string) => ask(api.DELETE('/v1/roles/{id}', { params: { path: { id } } }));
