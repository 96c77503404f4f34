// Which dossiers a role reaches: those that meet everything that is said.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { kindsQuery, teamsQuery } from '../../../api/queries';
import { label } from '../../../lib/format';
import { provinceName, provinces } from '../../../lib/provinces';
import { draftOf } from '../../../lib/roles';
import { rowSentence, teamName, useRuleWords } from '../../../parts/rule-words';
import { language } from '../../../words';
import { wrongAbout, type PartProps } from './work';

export function RowsPart(props: PartProps) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const { draft, above } = props;
  return (
    <div className="rule-body">
      <section>
        <h2>{t('roles.reaches')}</h2>
        <p className="sentence" aria-live="polite">
          {rowSentence(draft, words, t('state.between'), t)}
        </p>
        {above.length > 0 && (
          <>
            <h3>{t('roles.alsoFrom')}</h3>
            <ul className="from-above">
              {above.map((role) => (
                <li key={role.id}>
                  <span className="tag">{role.name}</span> {rowSentence(draftOf(role), words, t('state.between'), t)}
                </li>
              ))}
            </ul>
            <p className="meta">{t('roles.together')}</p>
          </>
        )}
      </section>
      {props.change && <Editor {...props} change={props.change} />}
    </div>
  );
}

function Editor({ draft, change, problem }: PartProps & { change: NonNullable<PartProps['change']> }) {
  const { t } = useTranslation();
  const teams = useQuery(teamsQuery);
  const kinds = useQuery(kindsQuery);
  const customer = kinds.data?.items.find((one) => one.prefix === 'dos');
  const options = (name: string) =>
    (customer?.fields.find((field) => field.name === name)?.options ?? []).map((one) => ({
      value: one.code,
      label: label(one),
    }));
  const some = (
    path: 'named_teams' | 'regions' | 'industries' | 'bands',
    choices: { value: string; label: string }[],
    none: string,
  ) => {
    const wrong = wrongAbout(problem, path);
    return (
      <div className="field">
        <label htmlFor={`rows-${path}`}>{t(`rule.${path}`)}</label>
        <Select
          id={`rows-${path}`}
          aria-label={t(`rule.${path}`)}
          aria-describedby={wrong ? `rows-${path}-wrong` : undefined}
          mode="multiple"
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          status={wrong ? 'error' : ''}
          placeholder={none}
          value={draft[path]}
          onChange={(value: string[]) => change({ [path]: value })}
          options={choices}
        />
        {wrong && (
          <span id={`rows-${path}-wrong`} className="wrong" role="alert">
            {wrong}
          </span>
        )}
      </div>
    );
  };
  return (
    <section className="stack rows-form">
      <fieldset className="rights">
        <legend>{t('rule.teams')}</legend>
        {['all', 'own', 'own_and_below', 'named'].map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="rows-teams"
              checked={draft.teams === one}
              onChange={() => change({ teams: one })}
            />
            <span className="grow">
              {t(`teamsOf.${one}`)} {one === 'own_and_below' && <span className="meta">{t('roles.teamsHint')}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      {draft.teams === 'named' &&
        some(
          'named_teams',
          (teams.data?.items ?? []).map((one) => ({ value: one.name, label: teamName(one.name, t) })),
          t('roles.chooseTeams'),
        )}
      {some(
        'regions',
        provinces.map((one) => ({ value: one, label: provinceName(one, language()) })),
        t('roles.anyRegion'),
      )}
      {some('industries', options('industry'), t('roles.anyIndustry'))}
      {some('bands', options('customer_level'), t('roles.anyBand'))}
      <label className="check-line">
        <input type="checkbox" checked={draft.own} onChange={(event) => change({ own: event.target.checked })} />
        {t('roles.own')}
      </label>
    </section>
  );
}
