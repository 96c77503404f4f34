// What a role may do, in plain words, and what it has by those it takes over.
import { useTranslation } from 'react-i18next';
import { wrongAbout, type PartProps } from './work';

const groups = {
  data: ['create', 'change', 'delete', 'read', 'import', 'export', 'print', 'share'],
  values: ['reveal', 'copy', 'detokenise', 'find', 'history'],
  guard: ['read_ledger', 'supervise', 'manage_access', 'manage_keys'],
};

/** In the order in which the server names them. */
const all = Object.values(groups).flat();

export function ActionsPart({ draft, change, above, problem }: PartProps) {
  const { t } = useTranslation();
  const set = (right: string, on: boolean) =>
    change?.({ actions: all.filter((one) => (one === right ? on : draft.actions.includes(one))) });
  const wrong = wrongAbout(problem, 'actions');
  return (
    <div className="rule-body">
      {wrong && (
        <p className="notice bad" role="alert">
          {wrong}
        </p>
      )}
      {Object.entries(groups).map(([group, rights]) => (
        <fieldset key={group} className="rights">
          <legend>{t(`rightGroup.${group}`)}</legend>
          {rights.map((right) => {
            const own = draft.actions.includes(right);
            const by = above.filter((role) => role.actions.includes(right)).map((role) => role.name);
            return (
              <label key={right} className={change ? undefined : 'still'}>
                <input
                  type="checkbox"
                  checked={own}
                  disabled={!change}
                  onChange={(event) => set(right, event.target.checked)}
                />
                <span className="grow">
                  <b>{t(`right.${right}`)}</b> <span className="quiet">{t(`rightText.${right}`)}</span>
                </span>
                {by.length > 0 && (
                  <span className="tag">{t('roles.byRole', { role: by.join(t('state.between')) })}</span>
                )}
              </label>
            );
          })}
        </fieldset>
      ))}
    </div>
  );
}
