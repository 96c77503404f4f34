// What the parts of the page share: the rules as they stand in it, and the way to change them.
import type { Problem } from '../../../api/problem';
import type { Draft, Role } from '../../../lib/roles';

export interface PartProps {
  draft: Draft;
  /** None where the role is part of the program. */
  change: ((rules: Partial<Draft>) => void) | undefined;
  roles: Role[];
  /** The roles it takes over, at any depth. */
  above: Role[];
  problem: Problem | undefined;
}

/** What the server says about a rule, without the name of the member in front. */
export function wrongAbout(problem: Problem | undefined, path: string): string | undefined {
  const all = [{ field: problem?.body.field, detail: problem?.body.detail }, ...(problem?.body.errors ?? [])];
  const one = all.find(({ field }) => field === path || field?.startsWith(`${path}[`));
  return one?.detail?.replace(/^[a-z_.[\]0-9]+[：:]\s*/, '');
}

/** The first rule that the server found wrong. */
export const firstWrong = (problem: Problem): string | undefined =>
  problem.body.field ?? problem.body.errors?.find((one) => one.field)?.field ?? undefined;
