// What the page knows about kinds and their fields, and how values are written.
import type { components } from '../api/schema';
import { label, money } from './format';

export type Field = components['schemas']['FieldShown'];
export type Kind = components['schemas']['KindShown'];
export type Dossier = components['schemas']['Dossier'];
export type Contact = components['schemas']['Contact'];
export type Shown = string | { amount: string; currency: string } | string[];

/** Fields that other rows lean on come first, as on a card; a group that is not named here comes last. */
const groupOrder = ['contact', 'person', 'general', 'identity', 'finance'];

/** The groups that a kind has fields of, in the order in which they are shown. */
export const groupsOf = (kind: Kind): string[] =>
  [...new Set([...groupOrder, ...kind.fields.map((field) => field.group)])].filter((group) =>
    kind.fields.some((field) => field.group === group),
  );

/** A value as people read it: options by their label, addresses without their bars, amounts grouped. */
export function written(field: Field | undefined, value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (Array.isArray(value)) return value.map((one) => written(field, one)).join('、');
  if (typeof value === 'object') {
    const { amount, currency } = value as { amount: string; currency: string };
    return money(amount, currency);
  }
  const text = String(value);
  const option = field?.options.find((one) => one.code === text);
  if (option) return label(option);
  if (field?.mask === 'address' || /address/.test(field?.name ?? '')) return text.split('|').filter(Boolean).join(' ');
  return text.replace(/^\+86(?=1\d{10}$)/, '');
}

export const valueOf = (record: Dossier | Contact, field: string): unknown =>
  (record.fields as Record<string, unknown>)[field];

export const isMasked = (record: Dossier | Contact, field: string): boolean => record.masked.includes(field);

/** What a text that was typed means to the interface. */
export function typed(field: Field, text: string): string | string[] | null {
  if (field.type === 'list' || field.type === 'choices') return text === '' ? null : text.split(',');
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

/** What stands in the input when somebody begins to edit. */
export function editable(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object') {
    const { amount, currency } = value as { amount: string; currency: string };
    return currency === 'CNY' ? `${amount}元` : `${amount} ${currency}`;
  }
  return String(value);
}
