import { describe, expect, test } from 'vitest';
import {
  mostTimes,
  offeredBefore,
  offersAgain,
  openFor,
  shows,
  step,
  type Event,
  type Reveal,
} from '../src/lib/reveal';

const after = (...events: Event[]) => events.reduce<Reveal>(step, { at: 'masked' });
const opened: Event[] = [{ type: 'ask' }, { type: 'send', purpose: '联系客户' }, { type: 'opened', now: 1000 }];

describe('a masked value', () => {
  test('is shown only after it was asked for, recorded and answered', () => {
    expect(shows(after())).toBe(false);
    expect(shows(after({ type: 'ask' }))).toBe(false);
    expect(shows(after({ type: 'ask' }, { type: 'send', purpose: '签约' }))).toBe(false);
    expect(shows(after(...opened))).toBe(true);
  });
  test('cannot be opened by an answer that nobody waits for', () => {
    expect(after({ type: 'opened', now: 1 })).toEqual({ at: 'masked' });
    expect(after(...opened, { type: 'mask' }, { type: 'opened', now: 2 })).toEqual({ at: 'masked' });
  });
  test('goes back behind its mask after a minute, not before', () => {
    expect(shows(after(...opened, { type: 'tick', now: 1000 + openFor - 1 }))).toBe(true);
    expect(after(...opened, { type: 'tick', now: 1000 + openFor })).toEqual({ at: 'masked' });
  });
  test('goes back at once from every state', () => {
    for (let n = 0; n <= opened.length; n += 1)
      expect(after(...opened.slice(0, n), { type: 'mask' })).toEqual({ at: 'masked' });
  });
  test('stays masked when it is refused, and says why', () => {
    const problem = { status: 429 };
    expect(after({ type: 'ask' }, { type: 'send', purpose: '签约' }, { type: 'refused', problem })).toEqual({
      at: 'asking',
      problem,
    });
  });
});

describe('keeping it open', () => {
  test('is offered twenty seconds before the end', () => {
    const state = after(...opened);
    expect(offersAgain(state, 1000 + openFor - offeredBefore - 1)).toBe(false);
    expect(offersAgain(state, 1000 + openFor - offeredBefore)).toBe(true);
  });
  test('is possible ten times at most', () => {
    let state = after(...opened);
    for (let n = 0; n < mostTimes; n += 1) state = step(step(state, { type: 'again' }), { type: 'opened', now: 2000 });
    expect(offersAgain(state, 2000 + openFor - 1)).toBe(false);
    expect(step(state, { type: 'again' })).toBe(state);
  });
  test('that is refused, or too late, masks the value', () => {
    const asked = step(after(...opened), { type: 'again' });
    expect(step(asked, { type: 'refused', problem: 1 })).toEqual({ at: 'masked' });
    expect(step(asked, { type: 'tick', now: 1000 + openFor })).toEqual({ at: 'masked' });
  });
});
