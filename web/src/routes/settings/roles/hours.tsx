// When a role holds. What is not said is not limited.
import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { wrongAbout, type PartProps } from './work';

const week = [1, 2, 3, 4, 5, 6, 7];
const moments = [
  { path: 'from_time', type: 'text', hint: 'roles.timeHint' },
  { path: 'to_time', type: 'text', hint: undefined },
  { path: 'first_day', type: 'date', hint: 'roles.dayHint' },
  { path: 'last_day', type: 'date', hint: undefined },
] as const;

export function HoursPart({ draft, change, problem }: PartProps) {
  const { t } = useTranslation();
  const wrongDays = wrongAbout(problem, 'weekdays');
  return (
    <div className="rule-body">
      <p className="quiet">{t('roles.hoursText')}</p>
      <fieldset className="rights days">
        <legend>{t('rule.weekdays')}</legend>
        {week.map((day) => (
          <label key={day} className={change ? undefined : 'still'}>
            <input
              type="checkbox"
              checked={draft.weekdays.includes(day)}
              disabled={!change}
              onChange={(event) =>
                change?.({
                  weekdays: week.filter((one) => (one === day ? event.target.checked : draft.weekdays.includes(one))),
                })
              }
            />
            {t(`weekday.${day}`)}
          </label>
        ))}
        <span className="meta">{t('roles.everyDay')}</span>
        {wrongDays && (
          <span className="wrong" role="alert">
            {wrongDays}
          </span>
        )}
      </fieldset>
      <div className="form-grid hours-grid">
        {moments.map(({ path, type, hint }) => {
          const wrong = wrongAbout(problem, path);
          return (
            <div className="field" key={path}>
              <label htmlFor={`hours-${path}`}>{t(`rule.${path}`)}</label>
              {change ? (
                <Input
                  id={`hours-${path}`}
                  type={type}
                  inputMode={type === 'text' ? 'numeric' : undefined}
                  autoComplete="off"
                  maxLength={10}
                  status={wrong ? 'error' : ''}
                  aria-describedby={wrong ? `hours-${path}-wrong` : undefined}
                  value={draft[path]}
                  onChange={(event) => change({ [path]: event.target.value.trim().replace('：', ':') })}
                />
              ) : (
                <span>{draft[path] || t('roles.noLimit')}</span>
              )}
              {wrong ? (
                <span id={`hours-${path}-wrong`} className="wrong" role="alert">
                  {wrong}
                </span>
              ) : (
                change && hint && <span className="hint">{t(hint)}</span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
