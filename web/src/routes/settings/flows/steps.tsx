// The steps of a flow, one after the other: who, how many of them, how long, and who is asked after that.
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { peopleQuery, rolesQuery } from '../../../api/queries';
import { builtInRoles } from '../../../parts/roles';
import { Wrong } from '../../../parts/states';
import { places, type Step, type Where, type Who } from './flow';
import { Hours } from './hours';

interface Props {
  steps: Step[];
  set: (steps: Step[]) => void;
  wrong: (place: string) => string | undefined;
}

const most = 8;
const mostThen = 3;

export function Steps({ steps, set, wrong }: Props) {
  const { t } = useTranslation();
  const put = (n: number, step: Step) => set(steps.map((one, at) => (at === n ? step : one)));
  return (
    <section>
      <h2>{t('flow.steps')}</h2>
      <ol className="step-list">
        {steps.map((step, n) => (
          <li key={n}>
            <fieldset>
              <legend>{t('flow.stepN', { n: n + 1 })}</legend>
              {steps.length > 1 && (
                <Button size="small" type="text" onClick={() => set(steps.filter((_, at) => at !== n))}>
                  {t('flow.removeStep', { n: n + 1 })}
                </Button>
              )}
              <One step={step} n={n} set={(next) => put(n, next)} wrong={wrong} />
            </fieldset>
          </li>
        ))}
      </ol>
      {steps.length < most && <Button onClick={() => set([...steps, { who: 'manager' }])}>{t('flow.addStep')}</Button>}
    </section>
  );
}

function One({ step, n, set, wrong }: { step: Step; n: number; set: (step: Step) => void; wrong: Props['wrong'] }) {
  const { t } = useTranslation();
  const id = (part: string) => `step-${n}-${part}`;
  const { quorum = 'any', then = [] } = step;
  /** What is not said is left out. */
  const put = (part: { [Name in keyof Step]?: Step[Name] | undefined }) => {
    const next = { ...step, ...part };
    if (next.limit === undefined) next.remind = next.then = undefined;
    set(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as unknown as Step);
  };
  const said =
    wrong(`steps.${n}.who`) ?? wrong(`steps.${n}.then`) ?? wrong(`steps.${n}.quorum`) ?? wrong(`steps.${n}.spot`);
  const whole = wrong(`steps.${n}`);
  return (
    <div className="form-grid">
      <WhoPart id={id('who')} who={step.who} set={(who) => put({ who })} />
      <div className="field">
        <label htmlFor={id('quorum')}>{t('flow.quorum')}</label>
        <div className="row">
          <Select
            id={id('quorum')}
            aria-label={t('flow.quorum')}
            className="grow"
            value={typeof quorum === 'object' ? 'at_least' : quorum}
            onChange={(value: 'any' | 'all' | 'at_least') =>
              put({ quorum: value === 'at_least' ? { at_least: 2 } : value })
            }
            options={(['any', 'all', 'at_least'] as const).map((value) => ({
              value,
              label: t(`flow.quorums.${value}`),
            }))}
          />
          {typeof quorum === 'object' && (
            <InputNumber
              aria-label={t('flow.quorums.at_least')}
              min={1}
              max={20}
              value={quorum.at_least}
              onChange={(many) => put({ quorum: { at_least: many ?? 1 } })}
              style={{ width: 80 }}
            />
          )}
        </div>
      </div>
      <Hours
        id={id('limit')}
        name={t('flow.limit')}
        minutes={step.limit}
        wrong={wrong(`steps.${n}.limit`)}
        set={(limit) => put({ limit })}
      />
      {step.limit !== undefined && (
        <Hours
          id={id('remind')}
          name={t('flow.remind')}
          minutes={step.remind}
          wrong={wrong(`steps.${n}.remind`)}
          set={(remind) => put({ remind })}
        />
      )}
      {then.map((who, at) => (
        <WhoPart
          key={at}
          id={id(`then-${at}`)}
          name={t('flow.thenWho')}
          who={who}
          set={(next) => put({ then: then.map((one, place) => (place === at ? next : one)) })}
          drop={() => put({ then: then.length > 1 ? then.filter((_, place) => place !== at) : undefined })}
        />
      ))}
      <div className="whole row wrap">
        {step.limit !== undefined && then.length < mostThen && (
          <Button
            size="small"
            onClick={() => put({ then: [...then, { role: { role: 'CDO', of: 'anywhere' } } satisfies Who] })}
          >
            {t('flow.addThen')}
          </Button>
        )}
        <Checkbox
          checked={step.in_person ?? false}
          onChange={(event) => put({ in_person: event.target.checked || undefined })}
        >
          {t('flow.inPersonLabel')}
        </Checkbox>
        <label className="row" htmlFor={id('spot')}>
          {t('flow.spot')}
          <InputNumber
            id={id('spot')}
            min={1}
            max={100}
            placeholder="100"
            suffix="%"
            value={step.spot ?? null}
            onChange={(spot) => put({ spot: spot === null || spot === 100 ? undefined : spot })}
            style={{ width: 96 }}
          />
        </label>
      </div>
      {(said ?? whole) && (
        <p className="wrong whole" role="alert">
          {said ?? whole}
        </p>
      )}
    </div>
  );
}

/** Who is asked: the line manager, people of a role, or people by name. */
function WhoPart({
  id,
  name,
  who,
  set,
  drop,
}: {
  id: string;
  name?: string;
  who: Who;
  set: (who: Who) => void;
  drop?: () => void;
}) {
  const { t } = useTranslation();
  const what = who === 'manager' ? 'manager' : 'people' in who ? 'people' : 'role';
  const roles = useQuery({ ...rolesQuery, enabled: what === 'role' });
  const all = useQuery({ ...peopleQuery, enabled: what === 'people' });
  const begin = (next: string): Who =>
    next === 'manager' ? 'manager' : next === 'people' ? { people: [] } : { role: { role: 'CDO', of: 'anywhere' } };
  const names = roles.data?.items.map((role) => role.name) ?? [...builtInRoles];
  return (
    <div className="field">
      <label htmlFor={id}>{name ?? t('flow.who')}</label>
      <div className="row wrap who-part">
        <Select
          id={id}
          aria-label={name ?? t('flow.who')}
          value={what}
          onChange={(next) => set(begin(next))}
          options={(['manager', 'role', 'people'] as const).map((value) => ({ value, label: t(`flow.whos.${value}`) }))}
        />
        {typeof who === 'object' && 'role' in who && (
          <>
            <Select
              aria-label={t('people.role')}
              value={who.role.role}
              onChange={(role) => set({ role: { ...who.role, role } })}
              options={[...new Set([...names, who.role.role])].map((value) => ({ value, label: value }))}
            />
            <Select
              aria-label={t('flow.where')}
              value={who.role.of}
              onChange={(of: Where) => set({ role: { ...who.role, of } })}
              options={places.map((value) => ({ value, label: t(`flow.wheres.${value}`) }))}
            />
          </>
        )}
        {typeof who === 'object' && 'people' in who && (
          <Select
            aria-label={t('flow.whos.people')}
            mode="multiple"
            value={who.people}
            onChange={(chosen: string[]) => set({ people: chosen })}
            options={(all.data?.items ?? []).map((one) => ({ value: one.name, label: one.name }))}
          />
        )}
        {drop && (
          <Button type="text" size="small" onClick={drop}>
            {t('flow.removeThen')}
          </Button>
        )}
      </div>
      {what === 'people' && <Wrong problem={all.error} />}
    </div>
  );
}
