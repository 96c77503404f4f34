// Which roles this one takes over, and what comes with each. A role that takes over from this one cannot stand above it.
import { Link } from '@tanstack/react-router';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { draftOf, heirs } from '../../../lib/roles';
import { isBuiltIn } from '../../../parts/roles';
import { rowSentence, useRuleWords } from '../../../parts/rule-words';
import { Empty } from '../../../parts/states';
import { wrongAbout, type PartProps } from './work';

export function InheritsPart({ draft, change, roles, above, problem, self }: PartProps & { self: string | undefined }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const wrong = wrongAbout(problem, 'inherits');
  const own = roles.find((role) => role.id === self);
  const never = own ? [own.name, ...heirs(own.name, roles)] : [];
  const named = (name: string) => (isBuiltIn(name) ? `${name} ${t(`role.${name}`)}` : name);
  return (
    <div className="rule-body">
      <p className="quiet">{t('roles.inheritsText')}</p>
      {change && (
        <div className="field inherits-field">
          <label htmlFor="role-inherits">{t('rule.inherits')}</label>
          <Select
            id="role-inherits"
            aria-label={t('rule.inherits')}
            aria-describedby={wrong ? 'role-inherits-wrong' : undefined}
            mode="multiple"
            allowClear
            status={wrong ? 'error' : ''}
            placeholder={t('roles.inheritsNone')}
            value={draft.inherits}
            onChange={(inherits: string[]) => change({ inherits })}
            options={roles
              .filter((role) => !never.includes(role.name))
              .map((role) => ({ value: role.name, label: named(role.name) }))}
          />
          {wrong && (
            <span id="role-inherits-wrong" className="wrong" role="alert">
              {wrong}
            </span>
          )}
        </div>
      )}
      {above.length === 0
        ? !change && <Empty title={t('roles.inheritsNone')} />
        : above.map((role) => {
            const way = above.find((one) => one.inherits.includes(role.name));
            const limited = role.weekdays.length > 0 || role.from_time || role.first_day || role.last_day;
            return (
              <section key={role.id} className="brought">
                <h2>
                  <Link to="/settings/roles/$id" params={{ id: role.id }}>
                    {named(role.name)}
                  </Link>
                  {!draft.inherits.includes(role.name) && way && (
                    <span className="meta"> {t('roles.through', { role: way.name })}</span>
                  )}
                </h2>
                <dl className="facts-list">
                  <div>
                    <dt>{t('rolePart.fields')}</dt>
                    <dd>
                      {t('roles.fieldsBrought', { n: Object.keys(role.fields).length })} ·{' '}
                      {(['see_to', 'clear_to', 'open_to'] as const)
                        .map((path) => `${t(`rule.${path}`)} ${words.value(path, role[path] ?? '')}`)
                        .join(' · ')}
                    </dd>
                  </div>
                  <div>
                    <dt>{t('rolePart.actions')}</dt>
                    <dd>
                      {role.actions.map((one) => words.value('actions', one)).join(t('state.between')) ||
                        t('roles.mayNothing')}
                    </dd>
                  </div>
                  <div>
                    <dt>{t('rolePart.rows')}</dt>
                    <dd>{rowSentence(draftOf(role), words, t('state.between'), t)}</dd>
                  </div>
                  {limited && (
                    <div>
                      <dt>{t('rolePart.hours')}</dt>
                      <dd>{t('roles.hoursBrought')}</dd>
                    </div>
                  )}
                </dl>
              </section>
            );
          })}
    </div>
  );
}
