// The fields of a record, by group. A hidden field has no label and no gap; a masked one its mask and the way to open it.
import EditOutlined from '@ant-design/icons/EditOutlined';
import { Popover } from 'antd';
import { Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Request } from '../../api/approvals';
import type { components } from '../../api/schema';
import {
  groupsOf,
  isMasked,
  valueOf,
  written,
  type Contact,
  type Dossier,
  type Field,
  type Kind,
} from '../../lib/fields';
import { absolute, label } from '../../lib/format';
import { usePhone } from '../../lib/phone';
import { Pending, useWaiting, waitingOf } from '../../lib/waits';
import { Level, Masked } from '../../parts/marks';
import { useMay } from '../../session/store';
import { FieldEditor } from './field-editor';
import { RevealField } from './reveal';
import { later } from '../../words';
import './record.css';

const Explain = later(() => import('./explain').then((m) => m.Explain));

type Provenance = components['schemas']['Provenance'];

interface Props<R extends Dossier | Contact> {
  record: R;
  kind: Kind;
  code?: string;
  saved?: (record: R) => void;
}

export function FieldList<R extends Dossier | Contact>({ record, kind, code, saved }: Props<R>) {
  const { t } = useTranslation();
  const may = useMay();
  const [empty, setEmpty] = useState(false);
  const waiting = useWaiting(record.id, Boolean(saved));
  const editable = Boolean(saved) && may('change') && record.state === 'live';
  const shown = kind.fields.filter((field) => field.shown !== 'hidden');
  const has = (field: Field) =>
    valueOf(record, field.name) !== undefined || record.missing?.includes(field.name) || waitingOf(waiting, field.name);
  const groups = groupsOf(kind)
    .map((group) => ({ group, fields: shown.filter((field) => field.group === group && (empty || has(field))) }))
    .filter((part) => part.fields.length > 0);
  const blank = shown.filter((field) => !has(field)).length;
  return (
    <div className="groups">
      {groups.map(({ group, fields }) => (
        <section key={group}>
          <h2>{t(`group.${group}`)}</h2>
          <dl>
            {fields.map((field) => (
              <Row
                key={field.name}
                record={record}
                field={field}
                code={code}
                saved={editable ? saved : undefined}
                waiting={waitingOf(waiting, field.name)}
              />
            ))}
          </dl>
        </section>
      ))}
      {blank > 0 && saved && (
        <button type="button" className="plain meta toggle" aria-expanded={empty} onClick={() => setEmpty(!empty)}>
          {empty ? t('record.hideEmpty') : t('record.showEmpty', { n: blank })}
        </button>
      )}
    </div>
  );
}

function Row<R extends Dossier | Contact>({
  record,
  field,
  code,
  saved,
  waiting,
}: {
  record: R;
  field: Field;
  code?: string | undefined;
  saved?: ((record: R) => void) | undefined;
  /** The reader's own request by which it is to change. */
  waiting: Request | undefined;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const phone = usePhone();
  const [editing, setEditing] = useState(false);
  const value = valueOf(record, field.name);
  const masked = isMasked(record, field.name);
  const text = written(field, value);
  const missing = record.missing?.includes(field.name);
  // The button is left out where the server would refuse it of every dossier.
  const reveals = may('reveal') && field.openable;
  const replace = saved && (
    <button
      type="button"
      className="plain replace"
      aria-label={t('edit.replaceField', { field: label(field.label) })}
      onClick={() => setEditing(true)}
    >
      {phone ? <EditOutlined /> : t('edit.replace')}
    </button>
  );
  const pending = <Pending of={waiting} what={label(field.label)} />;
  return (
    <div className={`field-row ${field.max_length > 300 && text.length > 40 ? 'tall' : ''}`}>
      <dt>
        <Origin record={record} field={field} provenance={record.provenance?.[field.name]} />
      </dt>
      <dd>
        {editing && saved ? (
          <FieldEditor record={record} field={field} saved={saved} close={() => setEditing(false)} />
        ) : masked ? (
          reveals && code ? (
            <RevealField record={record} field={field} mask={text} code={code}>
              {pending}
              {replace}
            </RevealField>
          ) : (
            <>
              <Masked field={label(field.label)} mask={text} />
              {pending}
              {replace}
            </>
          )
        ) : saved ? (
          <button
            type="button"
            className="plain value"
            aria-label={t('edit.field', { field: label(field.label), value: text || t('edit.empty') })}
            onClick={() => setEditing(true)}
          >
            {text || <span className="blank">{missing ? t('record.missing') : '—'}</span>}
          </button>
        ) : (
          <span className="value still">{text || <span className="blank">—</span>}</span>
        )}
        {!editing && !masked && pending}
      </dd>
    </div>
  );
}

/** Where a value comes from: who, when, through what, from where; and how the field is guarded. */
function Origin({
  record,
  field,
  provenance,
}: {
  record: Dossier | Contact;
  field: Field;
  provenance?: Provenance | undefined;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [explaining, setExplaining] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const link = useRef<HTMLButtonElement>(null);
  const close = () => {
    setExplaining(false);
    // Once the drawer is gone, which holds the focus while it is there.
    setTimeout(() => opener.current?.focus());
  };
  const relaxed = field.relaxed.find((one) =>
    Object.entries(one.when).every(([name, values]) => values.includes(String(valueOf(record, name) ?? ''))),
  );
  return (
    <>
      <Popover
        trigger="click"
        open={open}
        onOpenChange={setOpen}
        // Whoever came by the keyboard is beside what can be done here.
        afterOpenChange={(now) => now && link.current?.focus()}
        placement="bottomLeft"
        arrow={false}
        content={
          <div role="dialog" aria-label={t('origin.of', { field: label(field.label) })}>
            <dl className="origin">
              <div>
                <dt>{t('origin.level')}</dt>
                <dd>
                  <Level of={relaxed?.level ?? field.level} />
                </dd>
              </div>
              <div>
                <dt>{t('origin.shown')}</dt>
                <dd>{isMasked(record, field.name) ? t('origin.masked') : t('origin.clear')}</dd>
              </div>
              {provenance && (
                <>
                  <div>
                    <dt>{t('origin.by')}</dt>
                    <dd>{provenance.by}</dd>
                  </div>
                  <div>
                    <dt>{t('origin.at')}</dt>
                    <dd>{absolute(provenance.at)}</dd>
                  </div>
                  <div>
                    <dt>{t('origin.channel')}</dt>
                    <dd>{t(`channel.${provenance.channel}`)}</dd>
                  </div>
                  {provenance.source && (
                    <div>
                      <dt>{t('origin.source')}</dt>
                      <dd>{t(`source.${provenance.source}`)}</dd>
                    </div>
                  )}
                  <div>
                    <dt>{t('origin.version')}</dt>
                    <dd>{provenance.version}</dd>
                  </div>
                </>
              )}
            </dl>
            <button
              type="button"
              className="plain explain-link"
              ref={link}
              onClick={() => {
                setOpen(false);
                setExplaining(true);
              }}
            >
              {t('explain.open')}
            </button>
          </div>
        }
      >
        <button ref={opener} type="button" className="plain label">
          {label(field.label)}
        </button>
      </Popover>
      {explaining && (
        <Suspense>
          <Explain record={record.id} field={field} close={close} />
        </Suspense>
      )}
    </>
  );
}
