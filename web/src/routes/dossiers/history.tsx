// Earlier versions, each against the one before, masked as the reader must see them.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { historyQuery } from '../../api/queries';
import { Problem } from '../../api/problem';
import type { components } from '../../api/schema';
import { editable, typed, valueOf, written, type Dossier, type Kind } from '../../lib/fields';
import { label } from '../../lib/format';
import { Level, Masked, Stage, When } from '../../parts/marks';
import { Empty, Failed, Loading } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay } from '../../session/store';
import { saveField } from './save';

type Version = components['schemas']['Version'];
type Change = components['schemas']['FieldChange'];

export function History({ dossier, kind, saved }: { dossier: Dossier; kind: Kind; saved: (now: Dossier) => void }) {
  const { t } = useTranslation();
  const history = useQuery(historyQuery(dossier.id, dossier.version));
  if (history.isError) return <Failed problem={history.error} retry={() => void history.refetch()} />;
  if (!history.data) return <Loading />;
  const versions = history.data.versions;
  if (versions.length === 0) return <Empty title={t('history.none')} />;
  return (
    <ol className="timeline">
      {versions.map((version, n) => (
        <One
          key={version.version}
          version={version}
          before={versions[n + 1]}
          dossier={dossier}
          kind={kind}
          saved={saved}
        />
      ))}
    </ol>
  );
}

function One({
  version,
  before,
  dossier,
  kind,
  saved,
}: {
  version: Version;
  before: Version | undefined;
  dossier: Dossier;
  kind: Kind;
  saved: (now: Dossier) => void;
}) {
  const { t } = useTranslation();
  const first = version.version === 1;
  const [open, setOpen] = useState(!first);
  return (
    <li className={first ? '' : 'strong'}>
      <p>
        <b>{version.by}</b> {t(first ? 'history.entered' : 'history.changed')}
      </p>
      <p className="meta">
        <When at={version.at} /> · {t(`channel.${version.channel}`)} · {t('history.version', { n: version.version })}
        {version.source ? ` · ${t(`source.${version.source}`)}` : ''}
      </p>
      {before && (before.stage !== version.stage || before.level !== version.level || before.team !== version.team) && (
        <dl className="diff">
          {before.stage !== version.stage && (
            <div>
              <dt>{t('filter.stage')}</dt>
              <dd>
                <Stage of={before.stage} />
                <span className="arrow">→</span>
                <Stage of={version.stage} />
              </dd>
            </div>
          )}
          {before.level !== version.level && (
            <div>
              <dt>{t('filter.level')}</dt>
              <dd>
                <Level of={before.level} />
                <span className="arrow">→</span>
                <Level of={version.level} />
              </dd>
            </div>
          )}
          {before.team !== version.team && (
            <div>
              <dt>{t('filter.team')}</dt>
              <dd>
                {before.team}
                <span className="arrow">→</span>
                {version.team}
              </dd>
            </div>
          )}
        </dl>
      )}
      {open ? (
        version.changes.length > 0 && (
          <dl className="diff">
            {version.changes.map((change) => (
              <Diff key={change.field} change={change} dossier={dossier} kind={kind} saved={saved} first={first} />
            ))}
          </dl>
        )
      ) : (
        <button type="button" className="plain meta" style={{ color: 'var(--link)' }} onClick={() => setOpen(true)}>
          {t('history.fields', { n: version.changes.length })}
        </button>
      )}
    </li>
  );
}

function Diff({
  change,
  dossier,
  kind,
  saved,
  first,
}: {
  change: Change;
  dossier: Dossier;
  kind: Kind;
  saved: (now: Dossier) => void;
  first: boolean;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const field = kind.fields.find((one) => one.name === change.field);
  const name = field ? label(field.label) : change.field;
  const clear = change.form === 'clear';
  const show = (value: unknown) => {
    const text = written(field, value);
    if (!text) return <>—</>;
    return clear ? <>{text}</> : <Masked field={name} mask={text} />;
  };
  const now = valueOf(dossier, change.field);
  const restorable =
    field && clear && !first && may('change') && JSON.stringify(now ?? null) !== JSON.stringify(change.before ?? null);
  const restore = async () => {
    if (!field) return;
    try {
      const after = (await saveField(dossier, field.name, typed(field, editable(change.before)))) as Dossier;
      saved(after);
      toast(t('history.restored'), () => {
        void saveField(after, field.name, typed(field, editable(now))).then(
          (back) => saved(back as Dossier),
          () => toast(t('edit.undoFailed')),
        );
      });
    } catch (problem) {
      toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network'));
    }
  };
  return (
    <div>
      <dt>
        <span>{name}</span>
        {restorable && (
          <Button size="small" type="link" style={{ height: 20, padding: 0 }} onClick={() => void restore()}>
            {t('history.restore')}
          </Button>
        )}
      </dt>
      <dd>
        {!first && (
          <>
            <del>{show(change.before)}</del>
            <span className="arrow">→</span>
          </>
        )}
        {show(change.after)}
      </dd>
    </div>
  );
}
