// Work over many records that this page does one after another: with progress, a way to stop, and a way back.
import { useSyncExternalStore } from 'react';
import { Problem } from '../api/problem';
import { onLeaving } from '../session/store';
import { say } from '../words';

export interface Task {
  id: number;
  name: string;
  total: number;
  done: number;
  failed: { code: string; why: string }[];
  /** How many wait for approval now. */
  waiting: number;
  state: 'running' | 'stopping' | 'done' | 'undone';
  /** Why it ended before all was done, where nobody stopped it. */
  ended?: string | undefined;
  undo?: (() => void) | undefined;
}

export interface Step {
  code: string;
  /** Does the step; what it gives back takes it back, or says that it waits for approval. */
  act: () => Promise<(() => Promise<void>) | 'waits' | undefined>;
}

let tasks: Task[] = [];
let next = 1;
const listeners = new Set<() => void>();
const tell = (change: Task[]) => {
  tasks = change;
  listeners.forEach((listener) => listener());
};
const put = (id: number, change: Partial<Task>) =>
  tell(tasks.map((task) => (task.id === id ? { ...task, ...change } : task)));
const state = (id: number) => tasks.find((task) => task.id === id)?.state;

export const listed = (): Task[] => tasks;
export const useTasks = () =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, listed);

export const busy = (task: Task) => task.state === 'running' || task.state === 'stopping';
// Which dossiers, and why not, is for whoever was signed in.
onLeaving(() => tell(tasks.filter(busy)));
export const stop = (id: number) => put(id, { state: 'stopping' });
export const dismiss = (id: number) => tell(tasks.filter((task) => task.id !== id));

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One try more where the server says how long to wait. */
export async function patiently<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 429 || (problem.retryAfter ?? 99) > 10) throw problem;
    await pause((problem.retryAfter ?? 1) * 1000);
    return act();
  }
}

/** What came of a task, in a sentence. */
export const said = ({ done, failed, waiting }: Task): string => {
  const good = done - failed.length - waiting;
  return say(waiting > 0 ? 'task.doneWaiting' : 'task.done', { good, waiting, failed: failed.length });
};

/** What is to be mended says more than that something is. */
function why(problem: unknown): string {
  if (!(problem instanceof Problem)) return '';
  const each = (problem.body.errors ?? []).flatMap((one) => one.detail || []);
  return each.length > 0 ? each.join(' · ') : (problem.body.detail ?? '');
}

/** No server, no session, no ledger: what comes next would fail the same way. */
const hopeless = (problem: unknown) => problem instanceof Problem && [0, 401, 503].includes(problem.status);

/** One after another, until somebody stops it or nothing works any more. Gives back what was not tried. */
async function work<T extends { code: string }>(id: number, all: T[], act: (one: T) => Promise<void>): Promise<T[]> {
  let failed: Task['failed'] = [];
  for (const [n, one] of all.entries()) {
    if (state(id) !== 'running') return all.slice(n);
    try {
      await patiently(() => act(one));
    } catch (problem) {
      if (hopeless(problem)) {
        put(id, { ended: why(problem) });
        return all.slice(n);
      }
      failed = [...failed, { code: one.code, why: why(problem) }];
    }
    put(id, { done: n + 1, failed });
  }
  return [];
}

export async function run(name: string, steps: Step[], after: () => void): Promise<Task> {
  const id = next++;
  const begun = { name, done: 0, failed: [], waiting: 0, state: 'running' as const };
  tell([...tasks, { id, ...begun, total: steps.length }]);
  let back: { code: string; act: () => Promise<void> }[] = [];
  const end = (as: 'done' | 'undone') => {
    put(id, { state: as, undo: back.length > 0 ? undo : undefined });
    after();
  };
  const undo = () => {
    const all = back.reverse();
    put(id, { ...begun, total: all.length, ended: undefined, undo: undefined });
    void work(id, all, (one) => one.act()).then((left) => {
      back = left.reverse();
      end('undone');
    });
  };
  await work(id, steps, async (step) => {
    const act = await step.act();
    if (act === 'waits') put(id, { waiting: (tasks.find((task) => task.id === id)?.waiting ?? 0) + 1 });
    else if (act) back.push({ code: step.code, act });
  });
  end('done');
  return tasks.find((task) => task.id === id) as Task;
}
