// How a role sees each field: its rule, what the ceilings and the roles taken over make of it, and what a holder reads.
import EyeOutlined from '@ant-design/icons/EyeOutlined';
import LockOutlined from '@ant-design/icons/LockOutlined';
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery } from '../../../api/queries';
import { groupsOf, written, type Field, type Kind } from '../../../lib/fields';
import { label } from '../../../lib/format';
import {
  ceilingOf,
  levels,
  maskSeen,
  maskText,
  outcome,
  pathOf,
  rules,
  type Draft,
  type Rule,
} from '../../../lib/roles';
import { Level } from '../../../parts/marks';
import { maskWords, useRuleWords } from '../../../parts/rule-words';
import { Empty, Failed, Loading } from '../../../parts/states';
import { Choice } from './choice';
import { wrongAbout, type PartProps } from './work';

export function FieldsPart(props: PartProps) {
  const { t } = useTranslation();
  const { draft, above, problem } = props;
  const kinds = useQuery(kindsQuery);
  const [at, setAt] = useState(0);
  const [group, setGroup] = useState('');
  const [level, setLevel] = useState('');
  const kind = kinds.data?.items[at];
  if (kinds.isError) return <Failed problem={kinds.error} retry={() => void kinds.refetch()} />;
  if (!kinds.data || !kind) return <Loading />;
  const groups = groupsOf(kind);
  const wrong = wrongAbout(problem, 'fields');
  const shown = groups
    .filter((one) => group === '' || one === group)
    .map((one) => ({
      name: one,
      fields: kind.fields.filter((field) => field.group === one && (level === '' || field.level === level)),
    }))
    .filter((one) => one.fields.length > 0);
  const known = new Set(kinds.data.items.flatMap((one) => one.fields.map((field) => pathOf(one, field))));
  const may = (right: string) => [draft, ...above].some((role) => role.actions.includes(right));
  const openable = kind.fields.some(
    (field) => outcome(draft, above, pathOf(kind, field), field.level).rule === 'openable',
  );
  return (
    <>
      <Ceilings {...props} />
      <div className="tools rule-tools">
        <span className="choose" role="group" aria-label={t('roles.kind')}>
          {kinds.data.items.map((one, n) => (
            <button
              key={one.name}
              type="button"
              aria-pressed={n === at}
              onClick={() => {
                setAt(n);
                setGroup('');
              }}
            >
              {label(one.label)}
            </button>
          ))}
        </span>
        <Select
          aria-label={t('roles.group')}
          value={group}
          onChange={setGroup}
          options={[
            { value: '', label: t('roles.allGroups') },
            ...groups.map((one) => ({ value: one, label: t(`group.${one}`) })),
          ]}
          style={{ minWidth: 132 }}
        />
        <Select
          aria-label={t('roles.level')}
          value={level}
          onChange={setLevel}
          options={[
            { value: '', label: t('roles.allLevels') },
            ...levels.map((one) => ({ value: one as string, label: `${one} ${t(`level.${one}`)}` })),
          ]}
          style={{ minWidth: 132 }}
        />
      </div>
      {wrong && (
        <p className="notice bad rule-note" role="alert">
          {wrong}
        </p>
      )}
      {!may('read') ? (
        <p className="notice warn rule-note">{t('roles.cannotRead')}</p>
      ) : (
        openable && !may('reveal') && <p className="notice warn rule-note">{t('roles.cannotOpen')}</p>
      )}
      {shown.length === 0 ? (
        <Empty title={t('roles.noneShown')} />
      ) : (
        <FieldTable {...props} kind={kind} groups={shown} />
      )}
      <Unseen draft={draft} known={known} />
    </>
  );
}

function FieldTable({
  draft,
  change,
  above,
  problem,
  kind,
  groups,
}: PartProps & { kind: Kind; groups: { name: string; fields: Field[] }[] }) {
  const { t } = useTranslation();
  const set = (fields: Field[]) => (rule: Rule) => {
    const next = { ...draft.fields };
    for (const field of fields) {
      if (rule === 'hidden') delete next[pathOf(kind, field)];
      else next[pathOf(kind, field)] = rule;
    }
    change?.({ fields: next });
  };
  const ruleOf = (field: Field) => (draft.fields[pathOf(kind, field)] ?? 'hidden') as Rule;
  const common = (fields: Field[]) => {
    const first = fields[0] && ruleOf(fields[0]);
    return fields.every((field) => ruleOf(field) === first) ? first : undefined;
  };
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={t('rolePart.fields')}>
      <table className="table stacks rule-table">
        <thead>
          <tr>
            <th scope="col" style={{ paddingLeft: 24 }}>
              {t('roles.field')}
            </th>
            <th scope="col">{t('roles.level')}</th>
            <th scope="col">{t('roles.rule')}</th>
            <th scope="col">{t('roles.result')}</th>
          </tr>
        </thead>
        {groups.map(({ name, fields }) => (
          <tbody key={name}>
            <tr className="group-row">
              <th scope="rowgroup" colSpan={2} style={{ paddingLeft: 24 }}>
                {t(`group.${name}`)} <span className="meta">{t('roles.count', { n: fields.length })}</span>
              </th>
              <td colSpan={2}>
                {change && (
                  <span className="row">
                    <Choice
                      name={`group-${kind.name}-${name}`}
                      label={t('roles.wholeGroup', { group: t(`group.${name}`) })}
                      of={rules}
                      value={common(fields)}
                      set={set(fields)}
                      words={(rule) => t(`form.${rule}`)}
                    />
                    <span className="meta">{t('roles.setAll')}</span>
                  </span>
                )}
              </td>
            </tr>
            {fields.map((field) => {
              const path = pathOf(kind, field);
              const wrong = wrongAbout(problem, `fields.${path}`);
              return (
                <tr key={field.name}>
                  <td style={{ paddingLeft: 24 }}>
                    <span className="field-name">
                      {label(field.label)} <code className="meta">{field.name}</code>
                    </span>
                  </td>
                  <td data-label={t('roles.level')}>
                    <Level of={field.level} />
                  </td>
                  <td className="choice-cell">
                    {change ? (
                      <Choice
                        name={`field-${path}`}
                        label={label(field.label)}
                        of={rules}
                        value={ruleOf(field)}
                        set={set([field])}
                        words={(rule) => t(`form.${rule}`)}
                        wrong={wrong}
                      />
                    ) : (
                      <span className="quiet">{t(`form.${ruleOf(field)}`)}</span>
                    )}
                  </td>
                  <td data-label={t('roles.result')}>
                    <Result draft={draft} above={above} path={path} field={field} />
                    <MaskChoice {...{ draft, change, above, problem, path, field }} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** The example as the holder would read it, and why it is not as the rule says. */
function Result({
  draft,
  above,
  path,
  field,
}: {
  draft: Draft;
  above: PartProps['above'];
  path: string;
  field: Field;
}) {
  const { t } = useTranslation();
  const { rule, by } = outcome(draft, above, path, field.level);
  const words = useRuleWords();
  const wanted = (draft.fields[path] ?? 'hidden') as Rule;
  const lowered = !by && rule !== wanted && ceilingOf(wanted, rule);
  const mask = maskSeen(draft, above, path, field.level);
  const through = field.masks.find((one) => maskText(one.mask) === mask.mask)?.example ?? field.example_masked;
  const text = rule === 'clear' ? written(field, field.example) : written(field, through);
  return (
    <span className="result">
      {rule === 'hidden' ? (
        <span className="blank">{t('form.hidden')}</span>
      ) : rule === 'clear' ? (
        <span className="cut" title={text}>
          {text}
        </span>
      ) : (
        <span className="masked">
          {text} {rule === 'openable' ? <EyeOutlined aria-hidden="true" /> : <LockOutlined aria-hidden="true" />}
          <span className="meta">{t(`form.${rule}`)}</span>
        </span>
      )}
      {!by && mask.by && <span className="tag">{t('roles.byRole', { role: mask.by })}</span>}
      {by && <span className="tag">{t('roles.byRole', { role: by })}</span>}
      {lowered && (
        <span className="meta">
          {t('roles.above', { ceiling: t(`rule.${lowered}`), level: words.value(lowered, draft[lowered]) })}
        </span>
      )}
    </span>
  );
}

/** The mask of the role's own, wherever it shows the field masked. */
function MaskChoice({
  draft,
  change,
  problem,
  path,
  field,
}: Pick<PartProps, 'draft' | 'change' | 'above' | 'problem'> & { path: string; field: Field }) {
  const { t } = useTranslation();
  const own = draft.masks[path] ?? '';
  const rule = outcome(draft, [], path, field.level).rule;
  if (rule !== 'masked' && rule !== 'openable' && !own) return null;
  if (!draft.fields[path] || (!change && !own)) return null;
  const offered = field.masks.map((one) => maskText(one.mask));
  const options = ['', ...offered, ...(own && !offered.includes(own) ? [own] : [])];
  const wrong = wrongAbout(problem, `masks.${path}`);
  const set = (mask: string) => {
    const masks = { ...draft.masks, [path]: mask };
    if (!mask) delete masks[path];
    change?.({ masks });
  };
  if (!change) return <span className="meta mask-own">{maskWords(own, t)}</span>;
  return (
    <span className="stack">
      <select
        className="mask-choice"
        aria-label={t('roles.maskOf', { field: label(field.label) })}
        aria-invalid={wrong ? true : undefined}
        value={own}
        onChange={(event) => set(event.target.value)}
      >
        {options.map((one) => (
          <option key={one} value={one}>
            {maskWords(one, t)}
          </option>
        ))}
      </select>
      {wrong && (
        <span className="wrong" role="alert">
          {wrong}
        </span>
      )}
    </span>
  );
}

const ceilings = [
  { path: 'see_to', hint: 'roles.seeHint' },
  { path: 'clear_to', hint: 'roles.clearHint' },
  { path: 'open_to', hint: 'roles.openHint' },
] as const;

/** Up to which level anything is seen, seen in clear and opened. */
function Ceilings({ draft, change, problem }: PartProps) {
  const { t } = useTranslation();
  const words = useRuleWords();
  return (
    <div className="ceilings">
      {ceilings.map(({ path, hint }) => (
        <div className="field" key={path}>
          <span className="label">{t(`rule.${path}`)}</span>
          {change ? (
            <Choice
              name={path}
              label={t(`rule.${path}`)}
              of={path === 'open_to' ? ['', ...levels] : [...levels]}
              value={draft[path]}
              set={(value) => change({ [path]: value })}
              words={(value) => words.value(path, value)}
              wrong={wrongAbout(problem, path)}
            />
          ) : (
            <span>{draft[path] ? <Level of={draft[path]} /> : words.value(path, '')}</span>
          )}
          <span className="hint">{t(hint)}</span>
        </div>
      ))}
    </div>
  );
}

/** Rules over fields that are switched off, or that the reader does not see: nothing is lost of them. */
function Unseen({ draft, known }: { draft: Draft; known: Set<string> }) {
  const { t } = useTranslation();
  const rest = Object.entries(draft.fields).filter(([path]) => !known.has(path));
  if (rest.length === 0) return null;
  return (
    <p className="meta rule-note">
      {t('roles.unseenFields', { n: rest.length })}
      {rest.map(([path, rule]) => `${path} ${t(`form.${rule}`)}`).join(t('state.between'))}
    </p>
  );
}
