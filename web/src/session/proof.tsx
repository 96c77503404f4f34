// What must not be done by whoever finds a browser open is refused until its person has shown who that is. One small dialog
// asks for it, whatever else is open, and the request goes out again by itself.
import { Suspense, useSyncExternalStore } from 'react';
import { watchProofs } from '../api/client';
import { onLeaving } from './store';
import { later } from '../words';

const Dialog = later(() => import('./proof-dialog').then((m) => m.ProofDialog));

let waiting: { promise: Promise<boolean>; end: (proved: boolean) => void } | undefined;
const listeners = new Set<() => void>();

function tell(next: typeof waiting): void {
  waiting = next;
  listeners.forEach((listener) => listener());
}

function end(proved: boolean): void {
  waiting?.end(proved);
  tell(undefined);
}

watchProofs(() => {
  if (waiting) return waiting.promise;
  let settle: (proved: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((resolve) => (settle = resolve));
  tell({ promise, end: settle });
  return promise;
});
onLeaving(() => end(false));

export function Proofs() {
  const open = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting,
  );
  return <Suspense>{open && <Dialog end={end} />}</Suspense>;
}
