import { Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { closed } from '../api/problem';
import { router } from '../router';
import { ask, useSessionState } from '../session/store';
import { Proofs } from '../session/proof';
import { Closed } from './closed';

export function Root() {
  const state = useSessionState();
  useEffect(() => {
    if (state.at === 'in') void router.invalidate();
  }, [state.at]);
  if (state.at === 'failed')
    return <Closed problem={state.problem} keys={closed(state.problem)} retry={() => void ask()} />;
  return (
    <>
      <Outlet />
      {state.at === 'in' && <Proofs />}
    </>
  );
}
