// The roles in memory, told what became of one: nothing is asked for anew.
import type { QueryClient } from '@tanstack/react-query';
import { rolesQuery } from '../../../api/queries';
import type { Role } from '../../../lib/roles';

export function knowRole(client: QueryClient, now: Role): void {
  client.setQueryData(rolesQuery.queryKey, (known) => {
    if (!known) return known;
    const before = known.items.find((one) => one.id === now.id);
    const others = known.items.filter((one) => one.id !== now.id);
    // Who takes over from a role names it.
    const renamed = others.map((one) =>
      before && before.name !== now.name
        ? { ...one, inherits: one.inherits.map((name) => (name === before.name ? now.name : name)) }
        : one,
    );
    const built = renamed.filter((one) => one.built_in);
    const own = [...renamed.filter((one) => !one.built_in), now];
    return { items: [...built, ...own.sort((one, other) => (one.name < other.name ? -1 : 1))] };
  });
}

export function forgetRole(client: QueryClient, id: string): void {
  client.setQueryData(rolesQuery.queryKey, (known) => known && { items: known.items.filter((one) => one.id !== id) });
}
