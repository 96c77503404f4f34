// Flows of approvals: how they are asked for and changed, and what of them is said in words.
import { queryOptions } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { api, ask } from '../../../api/client';
import type { components } from '../../../api/schema';
import { label } from '../../../lib/format';
import type { Kind } from '../../../lib/fields';

type Schemas = components['schemas'];
export type Who = 'manager' | { role: { role: string; of: Where } } | { people: string[] };
export const places = ['anywhere', 'askers_team', 'askers_department', 'dossiers_team', 'dossiers_department'] as const;
export type Where = (typeof places)[number];
type Move = { stage: { from?: string; to?: string } } | { level: { from?: string; to?: string } } | 'team' | 'owner';
export interface Step {
  who: Who;
  quorum?: 'any' | 'all' | { at_least: number };
  spot?: number;
  limit?: number;
  remind?: number;
  then?: Who[];
  in_person?: boolean;
}
export interface When {
  commands: string[];
  kind?: string;
  fields?: string[];
  moves?: Move[];
  condition?: string;
}
export interface Rules {
  name: { zh: string; en: string };
  enabled: boolean;
  when: When;
  steps: Step[];
  apart: 'each' | 'asker' | 'nobody';
  approve_within: number;
  execute_within: number;
  bulk: boolean;
}
export type Flow = Rules & { id: string; version: number };

export const commands = [
  'create',
  'change',
  'merge',
  'freeze',
  'unfreeze',
  'deregister',
  'erase',
  'import',
  'export',
  'share',
  'use',
  'role_give',
  'role_change',
  'flow_change',
  'key_change',
  'backup_look',
  'backup_change',
  'restore',
] as const;
/** Commands that name fields, and those that are never agreed to together. */
export const withFields = ['create', 'change', 'import', 'export', 'share', 'use'];
const grave = ['flow_change', 'key_change', 'backup_look', 'backup_change', 'restore'];
export const withKind = (command: string) =>
  !grave.includes(command) && !['role_give', 'role_change'].includes(command);
export const inBulk = (when: When) => !when.commands.some((command) => grave.includes(command));

export const flowsQuery = queryOptions({
  queryKey: ['flows'],
  queryFn: () => ask(api.GET('/v1/flows')) as Promise<{ items: Flow[] }>,
  staleTime: 0,
});

export const begin = (alone: boolean) => ask(api.POST('/v1/flows/begin', { body: { alone } }));
export const add = (rules: Rules) => ask(api.POST('/v1/flows', { body: sent(rules) }));
export const change = (flow: Flow, rules: Rules) =>
  ask(
    api.PUT('/v1/flows/{id}', {
      params: { path: { id: flow.id }, header: { 'If-Match': `"${flow.version}"` } },
      body: sent(rules),
    }),
  );
export const remove = (id: string) => ask(api.DELETE('/v1/flows/{id}', { params: { path: { id } } }));

/** What a flow says and nothing else: what came with it from the server is not sent back. */
const sent = ({
  name,
  enabled,
  when,
  steps,
  apart,
  approve_within,
  execute_within,
  bulk,
}: Rules): Schemas['FlowRules'] =>
  ({ name, enabled, when, steps, apart, approve_within, execute_within, bulk }) as unknown as Schemas['FlowRules'];

export const nameOfMove = (move: Move): string => (typeof move === 'string' ? move : (Object.keys(move)[0] ?? ''));

/** 3 天, 24 小时, 30 分钟. */
export function span(minutes: number, t: TFunction): string {
  if (minutes > 1440 && minutes % 1440 === 0) return t('flow.days', { n: minutes / 1440 });
  if (minutes >= 60) return t('flow.hours', { n: Math.round(minutes / 6) / 10 });
  return t('flow.minutes', { n: minutes });
}

export function whoWords(who: Who, t: TFunction): string {
  if (who === 'manager') return t('flow.manager');
  if ('people' in who) return who.people.join(t('approval.between'));
  return t(`flow.of.${who.role.of}`, { role: who.role.role });
}

/** Who has to agree at a step, how many of them, and how long they have. */
export function stepWords(step: Step, t: TFunction): string {
  const { quorum = 'any' } = step;
  const many =
    typeof quorum === 'object' ? t('flow.atLeast', { n: quorum.at_least }) : quorum === 'all' ? t('flow.all') : '';
  return [
    whoWords(step.who, t) + many,
    step.spot ? t('flow.spotted', { n: step.spot }) : '',
    step.in_person ? t('flow.inPerson') : '',
    step.limit ? t('flow.within', { time: span(step.limit, t) }) : '',
    ...(step.then ?? []).map((who) => t('flow.then', { who: whoWords(who, t) })),
  ]
    .filter(Boolean)
    .join(t('flow.comma'));
}

/** What meets the flow: 变更资料：客户的电话、电子邮箱. */
export function whenWords(when: When, kinds: Kind[], t: TFunction): string {
  const kind = kinds.find((one) => one.name === when.kind);
  const what = when.commands.map((command) => t(`approval.command.${command}`)).join(t('approval.between'));
  const parts = [
    ...(when.fields ?? []).map((name) => {
      const field = kind?.fields.find((one) => one.name === name);
      return field ? label(field.label) : name;
    }),
    ...(when.moves ?? []).map((move) => moveWords(move, t)),
  ].join(t('approval.between'));
  const about = [kind && label(kind.label), parts].filter(Boolean).join(' ');
  return about ? t('flow.about', { what, about }) : what;
}

function moveWords(move: Move, t: TFunction): string {
  const name = t(`approval.part.${nameOfMove(move)}`);
  const turn = typeof move === 'string' ? {} : Object.values(move)[0];
  const words = (of: string | undefined) => (of === undefined ? '…' : /^L/.test(of) ? of : t(`stageName.${of}`));
  return turn?.from || turn?.to ? t('flow.turn', { name, from: words(turn.from), to: words(turn.to) }) : name;
}
