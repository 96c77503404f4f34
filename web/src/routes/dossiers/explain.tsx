// Why somebody sees a field as they do, what would change it, and who sees it. Each question is an entry of the ledger, so
// it is asked when somebody wants to know and not before.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { peopleQuery, rolesQuery } from '../../api/queries';
import type { components } from '../../api/schema';
import type { Field } from '../../lib/fields';
import { absolute, label } from '../../lib/format';
import { Level } from '../../parts/marks';
import { maskWords } from '../../parts/rule-words';
import { Side } from '../../parts/side';
import { Empty, Failed, Loading } from '../../parts/states';
import { useMay } from '../../session/store';
import './explain.css';

type Schemas = components['schemas'];
type Explained = Schemas['Explained'];
type Way = Schemas['Way'];
type Said = Schemas['ChangeSaid'];

/** What somebody has for a time is a role of theirs alone, and has no name. */
const isGrant = (role: string | undefined) => role?.startsWith('gra_') === true;
const named = (role: string | undefined, t: (key: string) => string) =>
  isGrant(role) ? t('explain.grant') : (role ?? '');

interface Asked {
  record: string;
  field: Field;
}

export function Explain({ record, field, close }: Asked & { close: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const [part, setPart] = useState<'why' | 'who'>('why');
  const [who, setWho] = useState('');
  const others = may('manage_access') || may('read_ledger');
  return (
    <Side title={t('explain.title', { field: label(field.label) })} close={close} wide>
      {others && (
        <span className="choose explain-parts" role="group" aria-label={t('explain.open')}>
          {(['why', 'who'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={one === part} onClick={() => setPart(one)}>
              {t(`explain.${one}`)}
            </button>
          ))}
        </span>
      )}
      {part === 'why' ? (
        <>
          {may('manage_access') && <Whom who={who} choose={setWho} />}
          <Why record={record} field={field} who={who} />
        </>
      ) : (
        <Seers
          record={record}
          field={field}
          choose={(id) => {
            setWho(id);
            setPart('why');
          }}
        />
      )}
      <p className="meta explain-end">{t('explain.recorded')}</p>
    </Side>
  );
}

/** Oneself, a person or a role; the lists are asked for when they are opened. */
function Whom({ who, choose }: { who: string; choose: (id: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(who !== '');
  const people = useQuery({ ...peopleQuery, enabled: open });
  const roles = useQuery({ ...rolesQuery, enabled: open });
  const listed = [
    ...(people.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
    ...(roles.data?.items ?? []).map((one) => ({ value: one.id, label: t('explain.role', { role: one.name }) })),
  ];
  const known = who === '' || listed.some((one) => one.value === who);
  return (
    <label className="row wrap explain-whom">
      <span className="label">{t('explain.of')}</span>
      <Select
        aria-label={t('explain.of')}
        showSearch={{ optionFilterProp: 'label' }}
        value={who}
        onChange={choose}
        onOpenChange={(on) => on && setOpen(true)}
        loading={open && (people.isPending || roles.isPending)}
        options={[{ value: '', label: t('explain.me') }, ...listed, ...(known ? [] : [{ value: who, label: who }])]}
        style={{ minWidth: 220 }}
      />
    </label>
  );
}

function Why({ record, field, who }: Asked & { who: string }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ['explain', record, field.name, who],
    queryFn: () => ask(api.POST('/v1/explain', { body: { record, field: field.name, ...(who ? { who } : {}) } })),
  });
  if (found.isError) return <Failed problem={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const { verdict, mask, level, state, gate, ways, name } = found.data;
  return (
    <>
      <p className={`explain-verdict ${verdict}`} role="status">
        <b>{name}</b> {t(`explain.verdict.${verdict}`)}
      </p>
      <p className="meta row wrap">
        {t('explain.level', { level: '' })} <Level of={level} />
        {mask && <span>{t('explain.through', { mask: maskWords(mask, t) })}</span>}
        {state === 'frozen' && <span>{t('explain.frozen')}</span>}
      </p>
      {gate && (
        <p className="notice warn">
          <b>{t(`explain.gate.${gate}`)}</b>
        </p>
      )}
      <h3>{t('explain.chain')}</h3>
      <ol className="explain-ways">
        {ways.map((way) => (
          <Chain key={way.role} way={way} />
        ))}
      </ol>
      {!gate && <Changes of={found.data} />}
    </>
  );
}

function Chain({ way }: { way: Way }) {
  const { t } = useTranslation();
  const between = t('state.between');
  return (
    <li className={way.decides ? 'decides' : undefined}>
      <p>
        {isGrant(way.role) ? t('explain.grant') : t('explain.role', { role: way.role })}{' '}
        {way.over.length > 0 && (
          <span className="meta">
            {t('explain.over', { over: way.over.map((one) => named(one, t)).join(between) })}
          </span>
        )}
      </p>
      <ol>
        {way.links.map((link) => {
          const words = <LinkWords link={link} />;
          return (
            <li key={`${link.step} ${link.of ?? ''}`} data-passes={link.passes}>
              <span aria-hidden="true">{link.passes ? '✓' : '✕'}</span>{' '}
              <span className="hear">{t(link.passes ? 'explain.passes' : 'explain.stops')} </span>
              {link.decides ? <b>{words}</b> : words}
              {link.decides && <span className="tag">{t('explain.decides')}</span>}
            </li>
          );
        })}
      </ol>
    </li>
  );
}

function LinkWords({ link: { step, of, passes } }: { link: Schemas['ChainLink'] }) {
  const { t } = useTranslation();
  if (step === 'hours') return t(passes ? 'explain.step.hours' : 'explain.noHours');
  if (step === 'rows') return `${t('explain.step.rows')}${of ? ` · ${t(`explain.miss.${of}`)}` : ''}`;
  if (step === 'action') return t('explain.step.action', { of: t(`right.${of}`) });
  if (step === 'field') return t('explain.step.field', { of: t(`form.${of ?? 'hidden'}`) });
  return step === 'open_to' && !of ? t('explain.step.open_none') : t(`explain.step.${step}`, { of });
}

function Changes({ of: { changes } }: { of: Explained }) {
  const { t } = useTranslation();
  const ruleTo = (step: string | undefined, to: string) =>
    step === 'action'
      ? t(`right.${to}`)
      : step === 'rows'
        ? t(`explain.row.${to}`)
        : step === 'field'
          ? t(`form.${to}`)
          : to;
  const words = (one: Said) => {
    const to = one.to ?? '';
    if (one.change === 'wait') return t('explain.change.wait', { to: absolute(to) });
    if (one.change === 'give' && !one.role) return t('explain.change.giveSome');
    if (one.change !== 'rule') return t(`explain.change.${one.change}`, { role: named(one.role, t), to });
    const rule = t(`explain.rule.${one.step}`, { to: ruleTo(one.step, to) });
    return t('explain.change.rule', { role: one.role, rule });
  };
  return (
    <>
      <h3>{t('explain.changes')}</h3>
      {changes.length === 0 ? (
        <p className="meta">{t('explain.none')}</p>
      ) : (
        <ul className="explain-changes">
          {changes.map((one) => (
            <li key={`${one.change} ${one.role} ${one.step} ${one.to} ${one.verdict}`}>
              {words(one)}{' '}
              <span className="meta">{t('explain.then', { verdict: t(`explain.verdict.${one.verdict}`) })}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Seers({ record, field, choose }: Asked & { choose: (id: string) => void }) {
  const { t } = useTranslation();
  const found = useInfiniteQuery({
    queryKey: ['explain-who', record, field.name],
    queryFn: ({ pageParam }) =>
      ask(
        api.POST('/v1/explain/who', {
          body: { record, field: field.name, ...(pageParam ? { after: pageParam } : {}) },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
  });
  if (found.isError) return <Failed problem={found.error} retry={() => void found.refetch()} />;
  const pages = found.data?.pages ?? [];
  const [first] = pages;
  if (!first) return <Loading />;
  if (first.total === 0) return <Empty title={t('explain.noSeers')} />;
  return (
    <>
      <p className="meta" role="status">
        {t('explain.seers', { n: first.total })}
      </p>
      <ul className="explain-seers">
        {pages
          .flatMap((page) => page.items)
          .map((one) => (
            <li key={one.id}>
              <button type="button" className="plain" onClick={() => choose(one.id)}>
                <b>{one.name}</b>
              </button>{' '}
              {one.what === 'client' && <span className="tag">{t('explain.client')}</span>}
              {one.gate && <span className="tag warn">{t(`explain.waits.${one.gate}`)}</span>}
              <p className="meta">
                {t(`explain.verdict.${one.verdict}`)}
                {one.mask && ` · ${t('explain.through', { mask: maskWords(one.mask, t) })}`}
                {one.role && ` · ${t('explain.by', { role: named(one.role, t) })}`}
              </p>
            </li>
          ))}
      </ul>
      {found.hasNextPage && (
        <Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t('explain.more')}
        </Button>
      )}
    </>
  );
}
