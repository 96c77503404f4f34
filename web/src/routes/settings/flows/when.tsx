// When a flow applies: what is asked for, of which kind, which fields or moves, and a condition.
import { Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { label } from '../../../lib/format';
import type { Kind } from '../../../lib/fields';
import { commands, nameOfMove, withFields, withKind, type When } from './flow';

const moves = ['stage', 'level', 'team', 'owner'];
/** What a condition may name. */
const variables = [
  'command',
  'kind',
  'fields',
  'stage_from',
  'stage_to',
  'level_from',
  'level_to',
  'team_from',
  'team_to',
  'highest',
  'count',
  'band',
  'asker_team',
  'asker_roles',
  'program',
];

interface Props {
  when: When;
  kinds: Kind[];
  set: (when: When) => void;
  wrong: (place: string) => string | undefined;
}

export function WhenPart({ when, kinds, set, wrong }: Props) {
  const { t } = useTranslation();
  const kind = kinds.find((one) => one.name === when.kind);
  const every = (of: (command: string) => boolean) => when.commands.length > 0 && when.commands.every(of);
  const changes = every((command) => command === 'change');
  const fields = every((command) => withFields.includes(command)) && kind !== undefined;
  /** What makes no sense any more is not said any more. */
  const put = (part: { [Name in keyof When]?: When[Name] | undefined }) => {
    const next: { [Name in keyof When]?: When[Name] | undefined } = { ...when, ...part };
    if (!next.commands?.every(withKind)) next.kind = undefined;
    if (!next.kind || !next.commands?.every((command) => withFields.includes(command))) next.fields = undefined;
    if (next.kind !== when.kind) next.fields = undefined;
    if (!next.commands?.every((command) => command === 'change')) next.moves = undefined;
    const empty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
    set({
      commands: next.commands ?? [],
      ...Object.fromEntries(Object.entries(next).filter(([name, value]) => name !== 'commands' && !empty(value))),
    });
  };
  const said = (place: string) =>
    wrong(place) && (
      <span className="wrong" role="alert">
        {wrong(place)}
      </span>
    );
  return (
    <section>
      <h2>{t('flow.when')}</h2>
      <div className="form-grid">
        <div className="field">
          <label htmlFor="flow-commands">{t('flow.commands')}</label>
          <Select
            id="flow-commands"
            aria-label={t('flow.commands')}
            mode="multiple"
            value={when.commands}
            status={wrong('when.commands') ? 'error' : ''}
            onChange={(value: string[]) => put({ commands: value })}
            options={commands.map((value) => ({ value, label: t(`approval.command.${value}`) }))}
            showSearch={{ optionFilterProp: 'label' }}
          />
          {said('when.commands')}
        </div>
        {every(withKind) && (
          <div className="field">
            <label htmlFor="flow-kind">{t('kinds.type')}</label>
            <Select
              id="flow-kind"
              aria-label={t('kinds.type')}
              allowClear
              placeholder={t('flow.anyKind')}
              value={when.kind}
              onChange={(value: string | undefined) => put({ kind: value })}
              options={kinds.map((one) => ({ value: one.name, label: label(one.label) }))}
            />
            {said('when.kind')}
          </div>
        )}
        {fields && (
          <div className="field whole">
            <label htmlFor="flow-fields">{t('flow.fields')}</label>
            <Select
              id="flow-fields"
              aria-label={t('flow.fields')}
              mode="multiple"
              placeholder={t(when.moves?.length ? 'flow.noFields' : 'flow.anyField')}
              value={when.fields ?? []}
              onChange={(value: string[]) => put({ fields: value })}
              options={kind.fields.map((one) => ({ value: one.name, label: label(one.label) }))}
              showSearch={{ optionFilterProp: 'label' }}
            />
            {said('when.fields')}
          </div>
        )}
        {changes && (
          <div className="field whole">
            <label htmlFor="flow-moves">{t('flow.moves')}</label>
            <Select
              id="flow-moves"
              aria-label={t('flow.moves')}
              mode="multiple"
              value={(when.moves ?? []).map(nameOfMove)}
              onChange={(names: string[]) =>
                put({
                  moves: names.map(
                    (name) =>
                      (when.moves ?? []).find((move) => nameOfMove(move) === name) ??
                      (name === 'team' || name === 'owner' ? name : name === 'stage' ? { stage: {} } : { level: {} }),
                  ),
                })
              }
              options={moves.map((value) => ({ value, label: t(`approval.part.${value}`) }))}
            />
            {said('when.moves')}
          </div>
        )}
        <div className="field whole">
          <label htmlFor="flow-condition">{t('flow.condition')}</label>
          <Input.TextArea
            id="flow-condition"
            rows={2}
            className="mono"
            spellCheck={false}
            maxLength={500}
            value={when.condition ?? ''}
            status={wrong('when.condition') ? 'error' : ''}
            aria-describedby="flow-condition-hint"
            onChange={(event) => put({ condition: event.target.value || undefined })}
          />
          {said('when.condition')}
          <span id="flow-condition-hint" className="hint">
            {t('flow.conditionHint', { variables: variables.join(t('flow.comma')) })}
          </span>
        </div>
      </div>
    </section>
  );
}
