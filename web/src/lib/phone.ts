import { useSyncExternalStore } from 'react';

const small = window.matchMedia('(max-width: 719px)');

export const usePhone = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      small.addEventListener('change', listener);
      return () => small.removeEventListener('change', listener);
    },
    () => small.matches,
  );
