// How a masked value is opened: masked → asking → recording → open for a minute → masked. The value itself is not in here;
// it lives in the one component that shows it.

export const openFor = 60_000;
/** 续看 is offered this long before the end, */
export const offeredBefore = 20_000;
/** and so many times at most. */
export const mostTimes = 10;

export type Reveal =
  | { at: 'masked' }
  | { at: 'asking'; problem?: unknown }
  | { at: 'recording'; again: boolean; purpose: string; times: number; until: number }
  | { at: 'open'; purpose: string; times: number; until: number };

export type Event =
  | { type: 'ask' }
  | { type: 'send'; purpose: string }
  | { type: 'again' }
  | { type: 'opened'; now: number }
  | { type: 'refused'; problem: unknown }
  | { type: 'tick'; now: number }
  | { type: 'mask' };

const masked: Reveal = { at: 'masked' };

export function step(state: Reveal, event: Event): Reveal {
  if (event.type === 'mask') return masked;
  switch (state.at) {
    case 'masked':
      return event.type === 'ask' ? { at: 'asking' } : state;
    case 'asking':
      return event.type === 'send'
        ? { at: 'recording', again: false, purpose: event.purpose, times: 0, until: 0 }
        : state;
    case 'recording':
      if (event.type === 'opened')
        return {
          at: 'open',
          purpose: state.purpose,
          times: state.times + (state.again ? 1 : 0),
          until: event.now + openFor,
        };
      if (event.type === 'refused') return state.again ? masked : { at: 'asking', problem: event.problem };
      // While the next look is being recorded the value that is open ends at its own time.
      if (event.type === 'tick' && state.again && event.now >= state.until) return masked;
      return state;
    case 'open':
      if (event.type === 'tick' && event.now >= state.until) return masked;
      if (event.type === 'again' && state.times < mostTimes)
        return { at: 'recording', again: true, purpose: state.purpose, times: state.times, until: state.until };
      return state;
  }
}

/** Whether a value may be on the page. */
export const shows = (state: Reveal): boolean => state.at === 'open' || (state.at === 'recording' && state.again);

export const offersAgain = (state: Reveal, now: number): boolean =>
  state.at === 'open' && state.times < mostTimes && state.until - now <= offeredBefore;
