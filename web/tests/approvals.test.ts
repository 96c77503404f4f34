// What the inbox works out by itself: what leaves it, what is alike, and how long there is left.
import { QueryClient } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import type { Request } from '../src/api/approvals';
import type { Kind } from '../src/lib/fields';

vi.stubGlobal('navigator', { languages: ['zh-CN'] });
const { known, requestQuery, requestsQuery, rowsOf, waits } = await import('../src/api/approvals');
const { leftUntil, sortOf, titleOf } = await import('../src/routes/approvals/title');

const request = (id: string, more: Partial<Request> = {}): Request => ({
  id,
  command: 'change',
  state: 'waiting',
  asked_at: '2026-11-23T06:00:00Z',
  asked_by: 'demo.cde',
  own: false,
  since: '2026-11-23T06:00:00Z',
  approve_until: '2026-11-30T06:00:00Z',
  kind: 'customer',
  changes: [{ field: 'phone', form: 'masked', before: '154****0001', after: '154****0002' }],
  moves: [],
  hidden: 0,
  flows: [{ name: { zh: '联系方式', en: 'reach' }, steps: 1, step: 1, need: 1, waits_for: ['demo.cda'], agreed: [] }],
  said: [],
  may: ['agree', 'refuse'],
  bulk: true,
  ...more,
});

const inbox = () => {
  const client = new QueryClient();
  const key = requestsQuery('waiting').queryKey;
  const pages = [
    { items: [request('apr_1'), request('apr_2')], next: 'apr_2', total: 3 },
    { items: [request('apr_3')], total: 3 },
  ];
  client.setQueryData(key, { pages, pageParams: ['', 'apr_2'] });
  const list = () => client.getQueryData(key);
  return { client, rows: () => rowsOf(list()).map((one) => one.id), total: () => list()?.pages[0]?.total };
};

test('what waits for somebody no more leaves their inbox and its count, once', () => {
  const { client, rows, total } = inbox();
  const done = request('apr_1', { state: 'executed', may: [] });
  known(client, done);
  expect([rows(), total()]).toEqual([['apr_2', 'apr_3'], 2]);
  expect(client.getQueryData(requestQuery('apr_1').queryKey)).toEqual(done);
  known(client, done);
  expect(total()).toBe(2);
});

test('what still waits for them stays and is what it is now', () => {
  const { client, rows, total } = inbox();
  known(
    client,
    request('apr_3', { said: [{ at: '2026-11-23T07:00:00Z', by: 'demo.cda', what: 'commented', text: '?' }] }),
  );
  expect([rows(), total()]).toEqual([['apr_1', 'apr_2', 'apr_3'], 3]);
});

test('alike is what asks for the same by the same flows, whatever the values', () => {
  const one = request('apr_1');
  const other = request('apr_2', { changes: [{ field: 'phone', form: 'clear', before: null, after: '1' }] });
  expect(sortOf(other)).toBe(sortOf(one));
  const level = { what: 'level', before: 'L2', after: 'L3' };
  for (const more of [{ moves: [level] }, { command: 'erase' }, { kind: 'contact' }, { flows: [] }, { changes: [] }])
    expect(sortOf(request('apr_3', more))).not.toBe(sortOf(one));
});

test('an answer that waits is told from a record', () => {
  expect(waits({ id: 'apr_1', approve_until: '2026-11-30T06:00:00Z', waits_for: [] })).toBe(true);
  for (const other of [request('apr_1'), { id: 'dos_1', version: 2, fields: {} }, undefined, null, ''])
    expect(waits(other)).toBe(false);
});

const t = ((key: string, values?: { n?: number; what?: string }) =>
  [key.split('.').at(-1), values?.n, values?.what].filter((part) => part !== undefined).join(' ')) as never;

test('what is left is told in minutes, hours and days', () => {
  const now = Date.parse('2026-11-23T06:00:00Z');
  const left = (minutes: number) => leftUntil(new Date(now + minutes * 60_000).toISOString(), t, now);
  expect([-1, 0.5, 59, 60, 179, 47 * 60, 48 * 60, 7 * 1440 - 1].map(left)).toEqual([
    'over',
    'leftMinutes 1',
    'leftMinutes 59',
    'leftHours 1',
    'leftHours 2',
    'leftHours 47',
    'leftDays 2',
    'leftDays 7',
  ]);
});

test('the title names what would change, and no value', () => {
  const kinds = [{ name: 'customer', fields: [{ name: 'phone', label: { zh: '电话', en: 'phone' } }] }] as Kind[];
  expect(titleOf(request('apr_1'), kinds, t)).toContain('电话');
  expect(titleOf(request('apr_1'), kinds, t)).not.toContain('154');
  const ended = request('apr_1', { state: 'executed', changes: [] });
  expect(titleOf(ended, kinds, t)).toBe('change');
});
