// What moves from one version of a role to another, rule by rule.
import { useTranslation } from 'react-i18next';
import type { Moved } from '../../../lib/roles';
import { useRuleWords } from '../../../parts/rule-words';

export function Differences({ of, marked = [] }: { of: Moved[]; marked?: string[] }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  return (
    <div className="differences" tabIndex={0} role="region" aria-label={t('roles.changed', { n: of.length })}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('roles.what')}</th>
            <th scope="col">{t('roles.before')}</th>
            <th scope="col">{t('roles.after')}</th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ path, before, after, added, removed }) => (
            <tr key={path}>
              <th scope="row">
                {words.path(path)}
                {marked.includes(path) && <span className="tag warn">{t('roles.clash')}</span>}
              </th>
              {added && removed ? (
                <td colSpan={2}>
                  {removed.map((one) => (
                    <span key={one} className="went">
                      <span aria-hidden="true">− </span>
                      <span className="hear">{t('roles.before')} </span>
                      {words.value(path, one)}
                    </span>
                  ))}
                  {added.map((one) => (
                    <span key={one} className="came">
                      <span aria-hidden="true">＋ </span>
                      <span className="hear">{t('roles.after')} </span>
                      {words.value(path, one)}
                    </span>
                  ))}
                </td>
              ) : (
                <>
                  <td className="quiet">{path === 'name' ? before || '—' : words.value(path, before)}</td>
                  <td>{path === 'name' ? after : words.value(path, after)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
