import { expect, test } from 'vitest';
import type { Kind } from '../src/lib/fields';
import {
  clashes,
  difference,
  draftOf,
  heirs,
  impact,
  inherited,
  merge,
  nothing,
  outcome,
  partOf,
  rulesOf,
  same,
  seen,
  type Draft,
  type Role,
} from '../src/lib/roles';

const draft = (rules: Partial<Draft>): Draft => ({ ...nothing, ...rules });
const role = (name: string, rules: Partial<Draft> = {}): Role =>
  ({ ...rulesOf(draft({ name, ...rules })), id: name, built_in: false, version: 1, holders: 0 }) as Role;

test('what moved is told rule by rule, sets by what came and went', () => {
  const before = draft({ actions: ['read', 'export'], see_to: 'L2', fields: { 'customer.phone': 'masked' } });
  const after = draft({ actions: ['read', 'reveal'], see_to: 'L3', fields: { 'customer.name': 'clear' } });
  expect(difference(before, after)).toEqual([
    { path: 'see_to', before: 'L2', after: 'L3' },
    { path: 'actions', before: 'read、export', after: 'read、reveal', added: ['reveal'], removed: ['export'] },
    { path: 'fields.customer.name', before: 'hidden', after: 'clear' },
    { path: 'fields.customer.phone', before: 'masked', after: 'hidden' },
  ]);
});

test('the order of a set is no change, nor is a field that is hidden by name', () => {
  const one = draft({ actions: ['read', 'export'], fields: { 'customer.phone': 'hidden' } });
  expect(same(one, draft({ actions: ['export', 'read'] }))).toBe(true);
});

test('what two people moved is put together', () => {
  const base = draft({ name: 'A', actions: ['read'], weekdays: [1, 2], fields: { a: 'masked', b: 'masked' } });
  const mine = draft({
    ...base,
    actions: ['read', 'reveal'],
    weekdays: [1, 2, 5],
    fields: { a: 'clear', b: 'masked' },
  });
  const theirs = draft({ ...base, name: 'B', actions: [], weekdays: [2], fields: { a: 'openable' } });
  expect(merge(base, mine, theirs)).toEqual(
    draft({ name: 'B', actions: ['reveal'], weekdays: [2, 5], fields: { a: 'clear' } }),
  );
  expect(clashes(base, mine, theirs)).toEqual(['fields.a']);
  expect(merge(base, base, theirs)).toEqual(theirs);
  expect(same(merge(base, mine, base), mine)).toBe(true);
});

test('teams that are no longer asked for by name are not kept', () => {
  const base = draft({ teams: 'named', named_teams: ['甲'] });
  const mine = draft({ teams: 'named', named_teams: ['甲', '乙'] });
  expect(merge(base, mine, draft({ teams: 'all' })).named_teams).toEqual([]);
  expect(rulesOf(draft({ teams: 'own', named_teams: ['甲'] })).named_teams).toEqual([]);
});

test('what is empty is not sent', () => {
  const sent = rulesOf(draft({ name: ' A ', from_time: '08:30', to_time: '18:00' }));
  expect(sent).toMatchObject({ name: 'A', from_time: '08:30', to_time: '18:00' });
  expect(Object.keys(sent)).not.toContain('open_to');
  expect(draftOf(role('A', { open_to: 'L3' }))).toEqual(draft({ name: 'A', open_to: 'L3' }));
});

test.each([
  ['clear', 'L2', 'clear'],
  ['clear', 'L3', 'openable'],
  ['clear', 'L4', 'hidden'],
  ['openable', 'L1', 'openable'],
  ['masked', 'L1', 'masked'],
  [undefined, 'L1', 'hidden'],
])('%s at %s is seen as %s under the ceilings', (rule, level, form) => {
  expect(seen({ see_to: 'L3', clear_to: 'L2', open_to: 'L3' }, rule, level)).toBe(form);
});

test('what may not be opened at its level stays masked', () => {
  expect(seen({ see_to: 'L4', clear_to: 'L1', open_to: '' }, 'clear', 'L2')).toBe('masked');
  expect(seen({ see_to: 'L4', clear_to: 'L1', open_to: 'L2' }, 'openable', 'L3')).toBe('masked');
});

const low = role('低', {
  see_to: 'L3',
  clear_to: 'L2',
  fields: { 'customer.phone': 'masked', 'customer.name': 'clear' },
});
const middle = role('中', { inherits: ['低'] });
const all = [low, middle, role('外')];

test('roles that are taken over come once, however many ways lead to them', () => {
  expect(inherited(draft({ inherits: ['中', '低', '无此'] }), all).map((one) => one.name)).toEqual(['中', '低']);
  expect(heirs('低', all)).toEqual(['中']);
  expect(inherited(draft({ inherits: ['中'] }), [role('中', { inherits: ['中'] })]).length).toBe(1);
});

test('the better of a role and what it takes over is seen, and who gives it is told', () => {
  const own = draft({ inherits: ['低'], see_to: 'L3', clear_to: 'L3', fields: { 'customer.phone': 'clear' } });
  const above = inherited(own, all);
  expect(outcome(own, above, 'customer.phone', 'L3')).toEqual({ rule: 'clear' });
  expect(outcome(own, above, 'customer.name', 'L2')).toEqual({ rule: 'clear', by: '低' });
  expect(outcome(own, above, 'customer.remarks', 'L2')).toEqual({ rule: 'hidden' });
});

test('fields that are seen better and worse are counted, also by what is taken over', () => {
  const field = (name: string, level: string) => ({ name, level });
  const fields = [field('phone', 'L3'), field('name', 'L2'), field('remarks', 'L2')];
  const kinds = [{ name: 'customer', fields }] as unknown as Kind[];
  const before = draft({ see_to: 'L2', clear_to: 'L2', fields: { 'customer.remarks': 'clear' } });
  expect(impact(before, draft({ ...before, inherits: ['低'] }), all, kinds)).toEqual({ more: 2, less: 0, clear: 1 });
  expect(impact(before, nothing, all, kinds)).toEqual({ more: 0, less: 1, clear: 0 });
});

test('each rule has its part of the page', () => {
  expect(partOf('fields.customer.phone')).toBe('fields');
  expect(partOf('named_teams')).toBe('rows');
  expect(partOf('last_day')).toBe('hours');
  expect(partOf('name')).toBeUndefined();
});
