// Earlier versions, each against the one before, masked as the reader must see them.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { historyQuery } from '../../api/queries';
import { Problem } from '../../api/problem';
import type { components } from '../../api/schema';
import { editable, typed, valueOf, written, type Contact, type Dossier, type Kind } from '../../lib/fields';
import { label } from '../../lib/format';
import { tellWaits, waits } from '../../lib/waits';
import { Level, Masked, Stage, When } from '../../parts/marks';
import { Empty, Failed, Loading } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay } from '../../session/store';
import { isContact, saveField } from './save';

type Version = components['schemas']['Version'];
type Change = components['schemas']['FieldChange'];

interface Props<R extends Dossier | Contact> {
  record: R;
  kind: Kind;
  saved: (now: R) => void;
}

export function History<R extends Dossier | Contact>({ record, kind, saved }: Props<R>) {
  const { t } = useTranslation();
  const history = useInfiniteQuery(
    historyQuery(isContact(record) ? 'contacts' : 'dossiers', record.id, record.version),
  );
  if (!history.data && history.isError) return <Failed problem={history.error} retry={() => void history.refetch()} />;
  if (!history.data) return <Loading />;
  const versions = history.data.pages.flatMap((page) => page.versions);
  if (versions.length === 0) return <Empty title={t('history.none')} />;
  // The stage of a version is told against the one before: the last of a page waits for the next page.
  const told = history.hasNextPage ? versions.slice(0, -1) : versions;
  return (
    <>
      <ol className="timeline">
        {told.map((version, n) => (
          <One
            key={version.version}
            version={version}
            before={versions[n + 1]}
            record={record}
            kind={kind}
            saved={saved}
          />
        ))}
      </ol>
      {history.isError && <Failed problem={history.error} retry={() => void history.fetchNextPage()} />}
      {history.hasNextPage && !history.isError && (
        <Button block loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {t('history.earlier')}
        </Button>
      )}
    </>
  );
}

function One<R extends Dossier | Contact>({
  version,
  before,
  record,
  kind,
  saved,
}: Props<R> & { version: Version; before: Version | undefined }) {
  const { t } = useTranslation();
  const first = version.version === 1;
  const of = isContact(record) ? 'contact' : 'dossier';
  const [open, setOpen] = useState(!first);
  return (
    <li className={first ? '' : 'strong'}>
      <p>
        {version.by ? (
          <>
            <b>{version.by}</b> {t(first ? `history.${of}Entered` : `history.${of}Changed`)}
          </>
        ) : (
          // Nobody changed the contact itself.
          t('history.followed')
        )}
      </p>
      <p className="meta">
        <When at={version.at} /> · {version.by ? `${t(`channel.${version.channel}`)} · ` : ''}
        {t('history.version', { n: version.version })}
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
              <Diff key={change.field} change={change} record={record} kind={kind} saved={saved} first={first} />
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

function Diff<R extends Dossier | Contact>({
  change,
  record,
  kind,
  saved,
  first,
}: Props<R> & { change: Change; first: boolean }) {
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
  const now = valueOf(record, change.field);
  const restorable =
    field &&
    clear &&
    !first &&
    may('change') &&
    record.state === 'live' &&
    JSON.stringify(now ?? null) !== JSON.stringify(change.before ?? null);
  const restore = async () => {
    if (!field) return;
    try {
      const after = await saveField(record, field.name, typed(field, editable(change.before)));
      if (waits(after)) {
        tellWaits(after);
        return;
      }
      saved(after);
      toast(t('history.restored'), () => {
        void saveField(after, field.name, typed(field, editable(now))).then(
          (back) => (waits(back) ? tellWaits(back) : saved(back)),
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
