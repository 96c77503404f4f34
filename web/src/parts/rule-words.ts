// The rules of a role as people read them: what each is called, and what stands in it.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../api/queries';
import { label } from '../lib/format';
import { provinceName } from '../lib/provinces';
import { useMay } from '../session/store';
import { language } from '../words';

export interface RuleWords {
  path: (path: string) => string;
  /** One value of a rule; of a set one of its members. */
  value: (path: string, value: string) => string;
}

/** The default team has no name of its own. */
export const teamName = (name: string, t: (key: string) => string): string =>
  name === 'default' ? t('people.defaultTeam') : name;

export function useRuleWords(): RuleWords {
  const { t } = useTranslation();
  const may = useMay();
  const kinds = useQuery({ ...kindsQuery, enabled: may('read') }).data?.items ?? [];
  const options = (name: string) =>
    kinds.find((kind) => kind.prefix === 'dos')?.fields.find((field) => field.name === name)?.options ?? [];
  const option = (name: string, code: string) => {
    const one = options(name).find((each) => each.code === code);
    return one ? label(one) : code;
  };
  return {
    path: (path) => {
      const [, member, of, name] = /^(fields|masks)\.(\w+)\.(\w+)$/.exec(path) ?? [];
      if (!of) return t(`rule.${path}`);
      const kind = kinds.find((one) => one.name === of);
      const field = kind?.fields.find((one) => one.name === name);
      const words = kind && field ? `${label(kind.label)} · ${label(field.label)}` : `${of}.${name}`;
      return member === 'masks' ? `${words} · ${t('roles.mask')}` : words;
    },
    value: (path, value) => {
      if (path.startsWith('fields.')) return t(`form.${value}`);
      if (path.startsWith('masks.')) return maskWords(value, t);
      if (path === 'own') return t(value === 'true' ? 'roles.yes' : 'roles.no');
      if (value === '') return t(path === 'open_to' ? 'roles.openNone' : 'roles.noLimit');
      if (path === 'actions') return t(`right.${value}`);
      if (path === 'teams') return t(`teamsOf.${value}`);
      if (path === 'named_teams') return teamName(value, t);
      if (path === 'regions') return provinceName(value, language());
      if (path === 'industries') return option('industry', value);
      if (path === 'bands') return option('customer_level', value);
      if (path === 'role') return t(`role.${value}`, { defaultValue: value });
      if (path === 'dossiers') return t('grants.count', { n: Number(value) });
      if (path === 'weekdays') return t(`weekday.${value}`);
      return value;
    },
  };
}

/** What a mask is called; empty for the default one. */
export function maskWords(mask: string, t: (key: string, of?: Record<string, unknown>) => string): string {
  // An answer names the method alone.
  if (mask === 'keep') return t('maskOf.some');
  if (!mask.startsWith('{')) return t(`maskOf.${mask || 'default'}`);
  const { keep } = JSON.parse(mask) as { keep?: { first?: number; last?: number } };
  const { first = 0, last = 0 } = keep ?? {};
  if (!keep) return t('maskOf.regex');
  return first && last
    ? t('maskOf.keep', { first, last })
    : first
      ? t('maskOf.first', { first })
      : t('maskOf.last', { last });
}

type Rows = {
  teams: string;
  named_teams: string[];
  regions: string[];
  industries: string[];
  bands: string[];
  own: boolean;
};

/** Which dossiers a role reaches, as one sentence: all that is said has to be so. */
export function rowSentence(of: Rows, words: RuleWords, between: string, t: (key: string) => string): string {
  const list = (path: 'named_teams' | 'regions' | 'industries' | 'bands') =>
    of[path].map((one) => words.value(path, one)).join(between);
  return [
    of.teams === 'named' ? list('named_teams') || t('teamsOf.named') : t(`teamsOf.${of.teams}`),
    list('regions'),
    list('industries'),
    list('bands'),
    of.own && t('roles.ownOnly'),
  ]
    .filter(Boolean)
    .join(t('roles.and'));
}
