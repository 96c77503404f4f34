// What the rules of a role come to: what moved between two of them, how two changes are put together, and how a field is
// seen. The server decides the same; here it is worked out so that it can be shown before it is saved.
import type { components } from '../api/schema';
import type { Field, Kind } from './fields';

export type Role = components['schemas']['Role'];
export type RoleRules = components['schemas']['RoleRules'];
/** Every rule said, the ones that may be absent as empty texts. */
export interface Draft {
  name: string;
  inherits: string[];
  actions: string[];
  teams: string;
  named_teams: string[];
  regions: string[];
  industries: string[];
  bands: string[];
  own: boolean;
  see_to: string;
  clear_to: string;
  open_to: string;
  fields: Record<string, string>;
  /** Masks of its own by the path of a field, each as a text. */
  masks: Record<string, string>;
  weekdays: number[];
  from_time: string;
  to_time: string;
  first_day: string;
  last_day: string;
}

export type Rule = 'clear' | 'openable' | 'masked' | 'hidden';
/** From most to least. */
export const rules: Rule[] = ['clear', 'openable', 'masked', 'hidden'];
export const levels = ['L1', 'L2', 'L3', 'L4'] as const;

const sets = ['inherits', 'actions', 'named_teams', 'regions', 'industries', 'bands', 'weekdays'] as const;
const plain = [
  'name',
  'teams',
  'own',
  'see_to',
  'clear_to',
  'open_to',
  'from_time',
  'to_time',
  'first_day',
  'last_day',
] as const;

/** A role that gives nothing. */
export const nothing: Draft = {
  name: '',
  inherits: [],
  actions: [],
  teams: 'own',
  named_teams: [],
  regions: [],
  industries: [],
  bands: [],
  own: false,
  see_to: 'L1',
  clear_to: 'L1',
  open_to: '',
  fields: {},
  masks: {},
  weekdays: [],
  from_time: '',
  to_time: '',
  first_day: '',
  last_day: '',
};

export const draftOf = (role: Role): Draft => ({
  name: role.name,
  inherits: role.inherits,
  actions: role.actions,
  teams: role.teams,
  named_teams: role.named_teams,
  regions: role.regions,
  industries: role.industries,
  bands: role.bands,
  own: role.own,
  see_to: role.see_to,
  clear_to: role.clear_to,
  open_to: role.open_to ?? '',
  fields: role.fields as Record<string, string>,
  masks: Object.fromEntries(Object.entries(role.masks ?? {}).map(([path, mask]) => [path, maskText(mask)])),
  weekdays: role.weekdays,
  from_time: role.from_time ?? '',
  to_time: role.to_time ?? '',
  first_day: role.first_day ?? '',
  last_day: role.last_day ?? '',
});

/** A mask as a text that can be compared: the name of a method, or JSON where it needs more. */
export const maskText = (mask: unknown): string => (typeof mask === 'string' ? mask : JSON.stringify(mask));
const maskOf = (text: string): unknown => (text.startsWith('{') ? (JSON.parse(text) as unknown) : text);

/** What is sent: what is empty is not said, and nor is a mask of a field that is hidden. */
export function rulesOf(draft: Draft): RoleRules {
  const { open_to, from_time, to_time, first_day, last_day, ...rest } = draft;
  const said = Object.fromEntries(
    Object.entries({ open_to, from_time, to_time, first_day, last_day }).filter(([, value]) => value !== ''),
  );
  const named_teams = draft.teams === 'named' ? draft.named_teams : [];
  const masks = Object.fromEntries(
    Object.entries(draft.masks)
      .filter(([path]) => draft.fields[path])
      .map(([path, text]) => [path, maskOf(text)]),
  );
  return { ...rest, name: draft.name.trim(), named_teams, masks, ...said } as RoleRules;
}

/** A rule that moved; of a set what came and what went. */
export interface Moved {
  path: string;
  before: string;
  after: string;
  added?: string[];
  removed?: string[];
}

const texts = (list: readonly (string | number)[]) => list.map(String);

/** What moved from one to the other, in the order of the page. */
export function difference(before: Draft, after: Draft): Moved[] {
  const out: Moved[] = [];
  for (const path of plain) {
    const [was, is] = [String(before[path]), String(after[path])];
    if (was !== is) out.push({ path, before: was, after: is });
  }
  for (const path of sets) {
    const [was, is] = [texts(before[path]), texts(after[path])];
    const added = is.filter((one) => !was.includes(one));
    const removed = was.filter((one) => !is.includes(one));
    if (added.length + removed.length > 0)
      out.push({ path, before: was.join('、'), after: is.join('、'), added, removed });
  }
  const names = [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])].sort();
  for (const name of names) {
    const [was, is] = [before.fields[name] ?? 'hidden', after.fields[name] ?? 'hidden'];
    if (was !== is) out.push({ path: `fields.${name}`, before: was, after: is });
  }
  for (const name of [...new Set([...Object.keys(before.masks), ...Object.keys(after.masks)])].sort()) {
    // What is hidden is shown through no mask.
    const of = (draft: Draft) => (draft.fields[name] ? (draft.masks[name] ?? '') : '');
    if (of(before) !== of(after)) out.push({ path: `masks.${name}`, before: of(before), after: of(after) });
  }
  return out;
}

export const same = (one: Draft, other: Draft): boolean => difference(one, other).length === 0;

/** Mine laid over theirs, both made from the same: what only one of us moved stays moved, what both did is as I have it. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Draft {
  const out: Draft = { ...theirs, fields: { ...theirs.fields }, masks: { ...theirs.masks } };
  for (const { path, after, added = [], removed = [] } of difference(base, mine)) {
    const set = sets.find((one) => one === path);
    if (path.startsWith('fields.')) {
      const name = path.slice('fields.'.length);
      if (after === 'hidden') delete out.fields[name];
      else out.fields[name] = after;
    } else if (path.startsWith('masks.')) {
      const name = path.slice('masks.'.length);
      if (after === '') delete out.masks[name];
      else out.masks[name] = after;
    } else if (set) {
      const kept = texts(theirs[set]).filter((one) => !removed.includes(one));
      const all = [...kept, ...added.filter((one) => !kept.includes(one))];
      Object.assign(out, { [set]: set === 'weekdays' ? all.map(Number).sort() : all });
    } else Object.assign(out, { [path]: mine[path as (typeof plain)[number]] });
  }
  // Teams are named where they are asked for alone.
  if (out.teams !== 'named') out.named_teams = [];
  return out;
}

/** Which rules both moved, each in another way. */
export function clashes(base: Draft, mine: Draft, theirs: Draft): string[] {
  const moved = new Map(difference(base, theirs).map((one) => [one.path, one]));
  const both = difference(base, mine).filter(({ path, after, added }) => {
    const other = moved.get(path);
    return other !== undefined && added === undefined && other.after !== after;
  });
  return both.map((one) => one.path);
}

/** How a value of a level is seen by a field's rule: the ceilings of the role narrow it. */
export function seen(
  role: Pick<Draft, 'see_to' | 'clear_to' | 'open_to'>,
  rule: string | undefined,
  level: string,
): Rule {
  if (rule === undefined || rule === 'hidden' || level > role.see_to) return 'hidden';
  if (rule === 'clear' && level <= role.clear_to) return 'clear';
  return rule !== 'masked' && role.open_to !== '' && level <= role.open_to ? 'openable' : 'masked';
}

/** Which ceiling made less of a rule than it says. */
export const ceilingOf = (wanted: Rule, got: Rule): 'see_to' | 'clear_to' | 'open_to' =>
  got === 'hidden' ? 'see_to' : wanted === 'clear' && got === 'openable' ? 'clear_to' : 'open_to';

export const more = (one: Rule, other: Rule): boolean => rules.indexOf(one) < rules.indexOf(other);

/** The roles that one takes over, with what those take over, each once; itself not among them. */
export function inherited(of: Pick<Draft, 'inherits'>, all: Role[], self?: string): Role[] {
  const out: Role[] = [];
  const ahead = [...of.inherits];
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    const role = all.find((one) => one.name === name);
    if (!role || role.id === self || out.includes(role)) continue;
    out.push(role);
    ahead.push(...role.inherits);
  }
  return out;
}

/** The names of the roles that take over from one, at any depth; they cannot stand above it. */
export const heirs = (name: string, all: Role[]): string[] =>
  all.filter((one) => inherited(one, all).some((above) => above.name === name)).map((one) => one.name);

/** How a holder sees a field, and which role taken over shows more of it than the rules here. */
export function outcome(draft: Draft, above: Role[], path: string, level: string): { rule: Rule; by?: string } {
  let best: { rule: Rule; by?: string } = { rule: seen(draft, draft.fields[path], level) };
  for (const role of above) {
    const rule = seen(draftOf(role), (role.fields as Record<string, string>)[path], level);
    if (more(rule, best.rule)) best = { rule, by: role.name };
  }
  return best;
}

/** The mask through which a holder sees a field, empty for the default one, and the role taken over that shows more by it. */
export function maskSeen(draft: Draft, above: Role[], path: string, level: string): { mask: string; by?: string } {
  const own = draft.masks[path] ?? '';
  const masked = (role: Draft) => ['masked', 'openable'].includes(seen(role, role.fields[path], level));
  if (!masked(draft)) return { mask: own };
  const looser = above.find((role) => masked(draftOf(role)) && !draftOf(role).masks[path]);
  return own && looser ? { mask: '', by: looser.name } : { mask: own };
}

export const pathOf = (kind: Kind, field: Field): string => `${kind.name}.${field.name}`;

/** How many fields are seen better and worse than before, for people who hold the role and no other. */
export function impact(before: Draft, after: Draft, all: Role[], kinds: Kind[], self?: string) {
  const sum = { more: 0, less: 0, clear: 0 };
  const [was, is] = [inherited(before, all, self), inherited(after, all, self)];
  for (const kind of kinds)
    for (const field of kind.fields) {
      const path = pathOf(kind, field);
      const [one, other] = [outcome(before, was, path, field.level).rule, outcome(after, is, path, field.level).rule];
      if (more(other, one)) sum.more += 1;
      if (more(one, other)) sum.less += 1;
      if (other === 'clear' && one !== 'clear') sum.clear += 1;
    }
  return sum;
}

export type Part = 'fields' | 'actions' | 'rows' | 'hours' | 'inherits' | 'members';
export const parts: Part[] = ['fields', 'actions', 'rows', 'hours', 'inherits', 'members'];

/** The part of the page where a rule stands; none for what stands above the parts. */
export function partOf(path: string): Part | undefined {
  if (/^(fields|masks|see_to|clear_to|open_to)/.test(path)) return 'fields';
  if (/^(weekdays|from_time|to_time|first_day|last_day)/.test(path)) return 'hours';
  if (/^(teams|named_teams|regions|industries|bands|own)/.test(path)) return 'rows';
  if (/^actions/.test(path)) return 'actions';
  return /^inherits/.test(path) ? 'inherits' : undefined;
}
