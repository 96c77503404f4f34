import { expect, test } from 'vitest';
import { linesOf } from '../src/lib/moved';

test('each rule that moved is a line, sets by their members', () => {
  const text = 'actions: read、find → read\nfields.customer.phone: masked → clear\nopen_to: L3 → –';
  expect(linesOf(text)).toEqual([
    { path: 'actions', before: ['read', 'find'], after: ['read'] },
    { path: 'fields.customer.phone', before: ['masked'], after: ['clear'] },
    { path: 'open_to', before: ['L3'], after: ['–'] },
  ]);
});

test('what is no rule stays as it is written', () => {
  expect(linesOf('CDU · 华东 → CDE · 华东')).toEqual(['CDU · 华东 → CDE · 华东']);
  expect(linesOf('toString: a → b')).toEqual(['toString: a → b']);
  expect(linesOf('actions: shortened…')).toEqual(['actions: shortened…']);
});
