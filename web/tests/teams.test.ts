import { expect, test } from 'vitest';
import { treeOf, within, type Branch, type Team } from '../src/lib/team-tree';

const team = (name: string, above?: string): Team => ({ id: `tea_${name}`, name, ...(above ? { above } : {}) });
const said = (tree: Branch[]): string => tree.map(({ team, below }) => `${team.name}(${said(below)})`).join('');

test('teams stand below the ones that they are part of, by name', () => {
  const teams = [team('C', 'A'), team('B'), team('A'), team('D', 'C'), team('AA', 'A')];
  expect(said(treeOf(teams))).toBe('A(AA()C(D()))B()');
  expect(within(teams, 'A')).toEqual(['A', 'C', 'D', 'AA']);
  expect(within(teams, 'D')).toEqual(['D']);
});

test('no team is lost where the one above it is not in the list', () => {
  expect(said(treeOf([team('A', 'X')]))).toBe('A()');
});
