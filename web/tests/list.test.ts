// What the list works out by itself: columns, the selection of all that match, the columns of the board.
import { describe, expect, test } from 'vitest';
import { QueryClient } from '@tanstack/react-query';
import { choosable, columnsOf, moved } from '../src/routes/dossiers/columns';
import { known, put, rowsOf, take, type Page, type Pages } from '../src/routes/dossiers/known';
import { gather, picked, plan } from '../src/routes/dossiers/picked';
import type { Dossier, Kind } from '../src/lib/fields';

const dossier = (n: number, more: Partial<Dossier> = {}) =>
  ({
    id: `dos_${n}`,
    code: `C00${n}`,
    version: 1,
    stage: 1,
    level: 'L2',
    team: '华东',
    state: 'live',
    fields: { name: '示例' },
    masked: [],
    ...more,
  }) as unknown as Dossier;
const many = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => dossier(from + n));

describe('a selection', () => {
  test('knows nothing of the customer', () => {
    expect(Object.keys(picked(dossier(1))).sort()).toEqual(
      ['code', 'id', 'level', 'stage', 'state', 'team', 'version'].sort(),
    );
  });
  test('is counted before anything is changed', () => {
    const all = [dossier(1), dossier(2, { stage: 2 }), dossier(3, { state: 'frozen' }), dossier(4)].map(picked);
    const { moved, same, frozen } = plan(all, 'stage', 2);
    expect([moved.map((one) => one.id), same, frozen]).toEqual([['dos_1', 'dos_4'], 1, 1]);
  });
});

describe('all that match', () => {
  const pages = (sizes: number[]) => {
    const asked: (string | undefined)[] = [];
    let from = 0;
    const page = async (after: string | undefined) => {
      asked.push(after);
      const size = sizes[asked.length - 1] ?? 0;
      const items = many(from, (from += size));
      return { items, next: asked.length < sizes.length ? `after${asked.length}` : null };
    };
    return { asked, page };
  };
  const never = () => false;
  const quiet = () => undefined;

  test('are read page after page, each once', async () => {
    const { asked, page } = pages([3, 3, 1]);
    const told: number[] = [];
    const { all, end } = await gather(page, (n) => told.push(n), never);
    expect([all.size, end]).toEqual([7, 'all']);
    expect(asked).toEqual([undefined, 'after1', 'after2']);
    expect(told).toEqual([3, 6, 7]);
  });
  test('end at the limit, and say so', async () => {
    const { asked, page } = pages([3, 3, 3]);
    const { all, end } = await gather(page, quiet, never, 5);
    expect([all.size, end, asked.length]).toEqual([5, 'most', 2]);
  });
  test('are all of them where the limit is just reached', async () => {
    expect((await gather(pages([3, 3]).page, quiet, never, 6)).end).toBe('all');
    expect((await gather(pages([3, 3, 0]).page, quiet, never, 6)).end).toBe('most');
  });
  test('can be stopped, and what was found is kept', async () => {
    const { asked, page } = pages([3, 3, 3]);
    const { all, end } = await gather(page, quiet, () => asked.length === 2);
    expect([all.size, end, asked.length]).toEqual([6, 'stopped', 2]);
  });
  test('break off where a page fails, and what was found is kept', async () => {
    const { asked, page } = pages([3, 3, 3]);
    const broken = async (after: string | undefined) => {
      if (asked.length === 1) throw new Error('gone');
      return page(after);
    };
    const { all, end, problem } = await gather(broken, quiet, never);
    expect([all.size, end, problem instanceof Error]).toEqual([3, 'failed', true]);
  });
});

describe('columns', () => {
  const field = (name: string, shown = 'clear') => ({ name, shown });
  const kind = {
    fields: [field('name'), field('phone', 'masked'), field('city'), field('industry'), field('bank_card', 'hidden')],
  } as unknown as Kind;
  const names = (of: Parameters<typeof columnsOf>[0]) => columnsOf(of, kind).map((one) => one.name);

  test('stand in the order in which they were chosen', () => {
    expect(names({ cols: ['city', 'phone'] })).toEqual(['city', 'phone']);
  });
  test('leave out what the reader does not see, and what there is not', () => {
    expect(names({ cols: ['bank_card', 'nothing', 'city'] })).toEqual(['city']);
    expect(choosable(kind).map((one) => one.name)).toEqual(['phone', 'city', 'industry']);
  });
  test('are those of the set where nothing chosen is left', () => {
    expect(names({ cols: ['bank_card'] })).toEqual(names({}));
    expect(names({ set: 'nothing' })).toEqual(['industry', 'phone', 'city']);
  });
  test('move, and stay within the ends', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, -4)).toEqual(['c', 'a', 'b']);
    expect(moved(['a'], 4, 0)).toEqual(['a']);
  });
});

describe('a column of the board', () => {
  const data = { pages: [{ items: many(0, 2), next: 'x' }, { items: many(2, 4) }], pageParams: ['', 'x'] };
  const ids = (of: typeof data) => rowsOf(of).map((one) => one.id);

  test('loses the card that goes, from whichever page', () => {
    expect(ids(take(data, 'dos_2') as typeof data)).toEqual(['dos_0', 'dos_1', 'dos_3']);
  });
  test('has the card that comes on top, and once', () => {
    expect(ids(put(data, dossier(9)) as typeof data)).toEqual(['dos_9', 'dos_0', 'dos_1', 'dos_2', 'dos_3']);
    expect(ids(put(data, dossier(3)) as typeof data)).toEqual(['dos_3', 'dos_0', 'dos_1', 'dos_2']);
  });
});

describe('what was changed here', () => {
  const full = (more: Partial<Dossier>) =>
    dossier(1, {
      version: 2,
      fields: { name: '示例', phone: '154****0000', city: '示例市' },
      masked: ['phone'],
      ...more,
    });
  const column = (of: Dossier[]): Pages => ({ pages: [{ items: of }], pageParams: [''] });
  const client = () => {
    const made = new QueryClient();
    made.setQueryData<Page>(['dossiers', { fields: ['name', 'city'] }], { items: many(0, 3) });
    made.setQueryData(['board', { fields: ['name'], stage: [1] }], column(many(0, 3)));
    made.setQueryData(['board', { fields: ['name'], stage: [2] }], column(many(5, 6)));
    made.setQueryData(['board', { fields: ['name'], level: ['L4'], stage: [2] }], column([]));
    return made;
  };
  const ids = (made: QueryClient, query: object) =>
    rowsOf(made.getQueryData<Pages>(['board', query])).map((one) => one.id);

  test('stands in the row where it was, with the fields that the list asked for', () => {
    const made = client();
    known(made, full({}));
    const items = made.getQueryData<Page>(['dossiers', { fields: ['name', 'city'] }])?.items ?? [];
    expect(items.map((one) => one.id)).toEqual(['dos_0', 'dos_1', 'dos_2']);
    expect(items[1]).toMatchObject({ version: 2, fields: { name: '示例', city: '示例市' }, masked: [] });
    expect(items[1]?.fields).not.toHaveProperty('phone');
    expect(ids(made, { fields: ['name'], stage: [1] })).toEqual(['dos_0', 'dos_1', 'dos_2']);
  });
  test('goes to the column of its stage, on that board alone', () => {
    const made = client();
    known(made, full({ stage: 2 }));
    expect(ids(made, { fields: ['name'], stage: [1] })).toEqual(['dos_0', 'dos_2']);
    expect(ids(made, { fields: ['name'], stage: [2] })).toEqual(['dos_1', 'dos_5']);
    expect(ids(made, { fields: ['name'], level: ['L4'], stage: [2] })).toEqual([]);
  });
  test('is put into no list that did not have it', () => {
    const made = client();
    known(made, { ...full({ stage: 2 }), id: 'dos_77' });
    expect(ids(made, { fields: ['name'], stage: [2] })).toEqual(['dos_5']);
  });
});
