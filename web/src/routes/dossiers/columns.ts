// Column sets: which fields the list asks for. What is not shown is not asked for, and so stands in no ledger entry.
import type { ListQuery } from '../../api/queries';
import type { Field, Kind } from '../../lib/fields';
import type { ListSearch } from '../../router';

export const sets: Record<string, string[]> = {
  common: ['industry', 'phone', 'city'],
  contact: ['phone', 'email', 'province', 'city', 'delivery_address'],
  business: ['document_number', 'registered_capital', 'founded', 'enterprise_type'],
  sales: ['customer_level', 'source_channel', 'first_contact', 'purchasing_needs'],
  finance: ['credit_limit', 'bank_card', 'bank_account', 'customer_level'],
};

export type Columns = Pick<ListSearch, 'set' | 'cols'>;

const named = (names: string[], kind: Kind | undefined): Field[] =>
  names.flatMap((name) => kind?.fields.find((field) => field.name === name && field.shown !== 'hidden') ?? []);

/** The fields of a set, or one's own choice, that the reader may see in some form. */
export function columnsOf({ set, cols }: Columns, kind: Kind | undefined): Field[] {
  const own = named(cols ?? [], kind);
  return own.length > 0 ? own : named(sets[set ?? 'common'] ?? sets.common ?? [], kind);
}

/** What can be a column: the name is one always. */
export const choosable = (kind: Kind | undefined): Field[] =>
  (kind?.fields ?? []).filter((field) => field.shown !== 'hidden' && field.name !== 'name');

/** The same names with one of them elsewhere. */
export function moved<T>(all: T[], from: number, to: number): T[] {
  const next = [...all];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(next.length, to)), 0, one);
  return next;
}

/** A set without any field that the reader sees is not offered. */
export const offered = (kind: Kind | undefined): string[] =>
  Object.keys(sets).filter((set) => columnsOf({ set }, kind).length > 1);

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
