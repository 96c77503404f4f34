// Teams as a tree: each below the one that it is part of, those beside one another by name.
import type { components } from '../api/schema';

export type Team = components['schemas']['Team'];
export interface Branch {
  team: Team;
  below: Branch[];
}

/** The teams without one above them come first; what names a team that is not there is among them, so that none is lost. */
export function treeOf(teams: Team[]): Branch[] {
  const names = new Set(teams.map((team) => team.name));
  const under = (above: string | undefined): Branch[] =>
    teams
      .filter((team) => (team.above !== undefined && names.has(team.above) ? team.above : undefined) === above)
      .sort((one, other) => one.name.localeCompare(other.name, 'zh-CN'))
      .map((team) => ({ team, below: under(team.name) }));
  return under(undefined);
}

/** The names of a team and all below it: none of them can stand above it. */
export function within(teams: Team[], name: string): string[] {
  const below = teams.filter((team) => team.above === name).map((team) => team.name);
  return [name, ...below.flatMap((one) => within(teams, one))];
}
