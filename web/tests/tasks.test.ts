import { expect, test, vi } from 'vitest';
import type { Session } from '../src/api/people';
import { Problem } from '../src/api/problem';
import type { Step, Task } from '../src/tasks/store';

vi.stubGlobal('navigator', { languages: ['zh-CN'] });
const { entered, lock } = await import('../src/session/store');
const { dismiss, listed, run, stop } = await import('../src/tasks/store');

const done: string[] = [];
const step = (code: string, fails?: Problem): Step => ({
  code,
  act: async () => {
    if (fails) throw fails;
    done.push(code);
    return async () => {
      done.push(`-${code}`);
    };
  },
});
const no = (status: number) => new Problem(status, { type: 'urn:dossier:problem:example', detail: `why ${status}` });
const nothing = () => undefined;

test('what fails says why, and the others are done', async () => {
  done.length = 0;
  const task = await run('a', [step('A'), step('B', no(422)), step('C')], nothing);
  expect(done).toEqual(['A', 'C']);
  expect(task).toMatchObject({ done: 3, total: 3, state: 'done', failed: [{ code: 'B', why: 'why 422' }] });
});

test('what waits for approval is told apart, and not taken back', async () => {
  done.length = 0;
  const waiting: Step = { code: 'B', act: () => Promise.resolve('waits' as const) };
  const task = await run('a', [step('A'), waiting, step('C')], nothing);
  expect(task).toMatchObject({ done: 3, waiting: 1, failed: [] });
  task.undo?.();
  await vi.waitFor(() => expect(done).toEqual(['A', 'C', '-C', '-A']));
});

test('of several problems each is told', async () => {
  const errors = [{ detail: '证件类型：须填' }, { detail: '证件号码：须填' }];
  const many = new Problem(422, { detail: '2 处须改', errors: errors as never });
  const task = await run('a', [step('A', many)], nothing);
  expect(task.failed).toEqual([{ code: 'A', why: '证件类型：须填 · 证件号码：须填' }]);
});

test.each([0, 401, 503])('without server, session or ledger (%i) nothing more is tried', async (status) => {
  done.length = 0;
  const task = await run('a', [step('A'), step('B', no(status)), step('C')], nothing);
  expect(done).toEqual(['A']);
  expect(task).toMatchObject({ done: 1, total: 3, failed: [], ended: `why ${status}` });
});

test('taking back goes the other way round, and only over what was done', async () => {
  done.length = 0;
  const after = vi.fn();
  const task = await run('a', [step('A'), step('B', no(409)), step('C')], after);
  task.undo?.();
  await vi.waitFor(() => expect(after).toHaveBeenCalledTimes(2));
  expect(done).toEqual(['A', 'C', '-C', '-A']);
});

test('what is stopped leaves the rest as it was, also while it is taken back', async () => {
  done.length = 0;
  const after = vi.fn();
  let id = 0;
  const halt = (code: string): Step => ({
    code,
    act: async () => {
      done.push(code);
      stop(id);
      return async () => {
        done.push(`-${code}`);
        stop(id);
      };
    },
  });
  const before = await run('before', [], nothing);
  id = before.id + 1;
  const task = await run('a', [step('A'), halt('B'), step('C')], after);
  expect(done).toEqual(['A', 'B']);
  expect(task).toMatchObject({ done: 2, total: 3, state: 'done' });
  task.undo?.();
  await vi.waitFor(() => expect(after).toHaveBeenCalledTimes(2));
  expect(done).toEqual(['A', 'B', '-B']);
  dismiss(id);
});

test('a pause that the server asks for is kept, and the step done once', async () => {
  vi.useFakeTimers();
  let tries = 0;
  const step: Step = {
    code: 'A',
    act: async () => {
      tries += 1;
      if (tries === 1) throw new Problem(429, {}, 2);
      return undefined;
    },
  };
  let task: Task | undefined;
  void run('a', [step], nothing).then((now) => (task = now));
  await vi.advanceTimersByTimeAsync(1900);
  expect(tries).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(tries).toBe(2);
  expect(task).toMatchObject({ done: 1, failed: [], undo: undefined });
  vi.useRealTimers();
});

test('behind the lock nothing is left of what is done; what is running goes on', async () => {
  entered({ user: { id: 'usr_a' }, csrf: 'c' } as Session);
  await run('done before', [step('A', no(422))], nothing);
  let go = () => {};
  const running = run(
    'running',
    [{ code: 'B', act: () => new Promise((done) => (go = () => done(undefined))) }],
    nothing,
  );
  expect(listed().map((task) => task.name)).toContain('done before');
  lock();
  expect(listed().map((task) => task.name)).toEqual(['running']);
  go();
  expect(await running).toMatchObject({ done: 1, state: 'done' });
});
