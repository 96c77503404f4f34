// Column sets: which fields the list asks for. What is not shown is not asked for, and so stands in no ledger entry.
import type { ListQuery } from '../../api/queries';
import type { Kind } from '../../lib/fields';
import type { ListSearch } from '../../router';

export const sets: Record<string, string[]> = {
  common: ['industry', 'phone', 'city'],
  contact: ['phone', 'email', 'province', 'city', 'delivery_address'],
  business: ['document_number', 'registered_capital', 'founded', 'enterprise_type'],
  sales: ['customer_level', 'source_channel', 'first_contact', 'purchasing_needs'],
  finance: ['credit_limit', 'bank_card', 'bank_account', 'customer_level'],
};

/** The fields of a set that the reader may see in some form. A set without any is not offered. */
export const columnsOf = (set: string | undefined, kind: Kind | undefined) => {
  const names = sets[set ?? 'common'] ?? sets.common ?? [];
  return names.flatMap((name) => kind?.fields.find((field) => field.name === name && field.shown !== 'hidden') ?? []);
};

export const offered = (kind: Kind | undefined): string[] =>
  Object.keys(sets).filter((set) => columnsOf(set, kind).length > 1);

export const pageSize = 50;

export function queryOf(search: ListSearch, columns: { name: string }[]): ListQuery {
  const fields = ['name', ...columns.map((column) => column.name)] as NonNullable<ListQuery['fields']>;
  return {
    limit: pageSize,
    fields,
    ...(search.stage ? { stage: search.stage } : {}),
    ...(search.level ? { level: search.level as NonNullable<ListQuery['level']> } : {}),
    ...(search.team ? { team: search.team } : {}),
    ...(search.industry ? { industry: search.industry } : {}),
    ...(search.from ? { created_from: search.from } : {}),
    ...(search.to ? { created_to: search.to } : {}),
    ...(search.after ? { after: search.after } : {}),
  };
}
