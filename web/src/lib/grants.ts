// Grants in words: what is seen, what may be done, with which dossiers.
import { useTranslation } from 'react-i18next';
import type { Grant } from '../api/grants';
import { rowSentence, useRuleWords } from '../parts/rule-words';

/** The longest grant in days, the first and the last one included. */
export const mostDays = 15;

/** The end of a day where the installation is: Beijing time. */
export const dayEnd = (day: string): string => `${day}T23:59:59+08:00`;

/** A day so many days from now, as the installation counts them. */
export const dayFromNow = (days: number, now = Date.now()): string =>
  new Date(now + days * 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });

export function useGrantWords() {
  const { t } = useTranslation();
  const words = useRuleWords();
  const between = t('approval.between');
  return {
    role: (name: string) => t(`role.${name}`, { defaultValue: name }),
    fields: (of: Grant['fields']) =>
      Object.entries(of)
        .map(([path, rule]) => `${words.path(`fields.${path}`)} ${t(`form.${rule}`)}`)
        .join(between),
    actions: (of: string[]) => of.map((one) => t(`right.${one}`)).join(between),
    scope: (of: Grant) =>
      rowSentence(
        {
          teams: of.teams ?? 'own',
          named_teams: [],
          regions: of.regions,
          industries: of.industries,
          bands: [],
          own: false,
        },
        words,
        between,
        t,
      ),
  };
}
