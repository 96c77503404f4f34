// Work over many records that this page does one after another: with progress, a way to stop, and a way back.
import { useSyncExternalStore } from 'react';
import { Problem } from '../api/problem';

export interface Task {
  id: number;
  name: string;
  total: number;
  done: number;
  failed: { code: string; why: string }[];
  state: 'running' | 'stopping' | 'done' | 'undone';
  undo?: (() => void) | undefined;
}

export interface Step {
  code: string;
  /** Does the step; what it gives back takes it back. */
  act: () => Promise<(() => Promise<void>) | undefined>;
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

export const useTasks = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => tasks,
  );

export const stop = (id: number) => put(id, { state: 'stopping' });
export const dismiss = (id: number) => tell(tasks.filter((task) => task.id !== id));

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One try more where the server says how long to wait. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 429 || (problem.retryAfter ?? 99) > 10) throw problem;
    await pause((problem.retryAfter ?? 1) * 1000);
    return act();
  }
}

export async function run(name: string, steps: Step[], after: () => void): Promise<Task> {
  const id = next++;
  tell([...tasks, { id, name, total: steps.length, done: 0, failed: [], state: 'running' }]);
  const back: { code: string; act: () => Promise<void> }[] = [];
  const failed: Task['failed'] = [];
  for (const step of steps) {
    if (tasks.find((task) => task.id === id)?.state !== 'running') break;
    try {
      const undo = await patiently(step.act);
      if (undo) back.push({ code: step.code, act: undo });
    } catch (problem) {
      failed.push({ code: step.code, why: problem instanceof Problem ? (problem.body.detail ?? '') : '' });
    }
    const now = tasks.find((task) => task.id === id);
    put(id, { done: (now?.done ?? 0) + 1, failed: [...failed] });
  }
  const undo = () => {
    put(id, { state: 'running', done: 0, total: back.length, failed: [], undo: undefined });
    void (async () => {
      const lost: Task['failed'] = [];
      for (const [n, one] of back.reverse().entries()) {
        try {
          await patiently(one.act);
        } catch (problem) {
          lost.push({ code: one.code, why: problem instanceof Problem ? (problem.body.detail ?? '') : '' });
        }
        put(id, { done: n + 1, failed: [...lost] });
      }
      put(id, { state: 'undone' });
      after();
    })();
  };
  put(id, { state: 'done', ...(back.length > 0 ? { undo } : {}) });
  after();
  return tasks.find((task) => task.id === id) as Task;
}
