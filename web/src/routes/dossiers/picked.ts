// Rows that somebody selected: of each what a change of many has to know, and nothing that says who the customer is.
import type { Dossier } from '../../lib/fields';

export type Picked = Pick<Dossier, 'id' | 'code' | 'version' | 'stage' | 'level' | 'team' | 'state'>;

export const picked = ({ id, code, version, stage, level, team, state }: Dossier): Picked => ({
  id,
  code,
  version,
  stage,
  level,
  team,
  state,
});

export type What = 'stage' | 'level' | 'team';

/** What a change would do: change some, find some as they should be, and not be possible for the frozen ones. */
export function plan(all: Iterable<Picked>, what: What, value: string | number) {
  const moved: Picked[] = [];
  let same = 0;
  let frozen = 0;
  for (const one of all) {
    if (one[what] === value) same += 1;
    else if (one.state === 'frozen') frozen += 1;
    else moved.push(one);
  }
  return { moved, same, frozen };
}

/** As many as one change takes on: a page does it, and has to stay open for it. */
export const most = 5000;

export interface Gathered {
  all: ReadonlyMap<string, Picked>;
  /** Whether these are all, or why they may not be. */
  end: 'all' | 'most' | 'stopped' | 'failed';
  problem?: unknown;
}

type Page = { items: Dossier[]; next?: string | null };

/** Reads page after page of what matches. Each page is a look of its own, so it can be stopped after each. */
export async function gather(
  page: (after: string | undefined) => Promise<Page>,
  told: (found: number) => void,
  stopped: () => boolean,
  limit = most,
): Promise<Gathered> {
  const all = new Map<string, Picked>();
  let after: string | undefined;
  try {
    for (;;) {
      const { items, next } = await page(after);
      const room = limit - all.size;
      for (const one of items.slice(0, room)) all.set(one.id, picked(one));
      told(all.size);
      if (items.length > room || (next && items.length === room)) return { all, end: 'most' };
      if (!next) return { all, end: 'all' };
      if (stopped()) return { all, end: 'stopped' };
      after = next;
    }
  } catch (problem) {
    return { all, end: 'failed', problem };
  }
}
