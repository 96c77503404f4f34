// What was just done, with the way back for ten seconds, or the way to the request that it became. Live regions announce states, never
// values.
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Way {
  request: string;
  text: string;
}
interface Toast {
  id: number;
  text: string;
  undo?: (() => void) | undefined;
  way?: Way | undefined;
}

let next = 1;
let show: ((toast: Toast) => void) | undefined;

export function toast(text: string, undo?: () => void, way?: Way): void {
  show?.({ id: next++, text, undo, way });
}

const seconds = 10;

export function Toasts() {
  const { t } = useTranslation();
  const [all, setAll] = useState<Toast[]>([]);
  useEffect(() => {
    show = (one) => setAll((now) => [...now.slice(-2), one]);
    return () => {
      show = undefined;
    };
  }, []);
  const drop = (id: number) => setAll((now) => now.filter((one) => one.id !== id));
  return (
    <div className="toasts" role="status" aria-live="polite">
      {all.map((one) => (
        <One key={one.id} toast={one} drop={() => drop(one.id)} undo={t('do.undo')} />
      ))}
    </div>
  );
}

function One({ toast, drop, undo }: { toast: Toast; drop: () => void; undo: string }) {
  const [left, setLeft] = useState(toast.undo || toast.way ? seconds : 4);
  useEffect(() => {
    if (left <= 0) {
      drop();
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, drop]);
  return (
    <div className="toast appear">
      <span className="grow">{toast.text}</span>
      {toast.way && (
        <Link to="/approvals/$id" params={{ id: toast.way.request }} search={{ box: 'asked' }} onClick={drop}>
          {toast.way.text}
        </Link>
      )}
      {toast.undo && (
        <button
          type="button"
          onClick={() => {
            toast.undo?.();
            drop();
          }}
        >
          {undo} <span aria-hidden="true">{left}</span>
        </button>
      )}
    </div>
  );
}
