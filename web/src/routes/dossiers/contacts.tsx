import HistoryOutlined from '@ant-design/icons/HistoryOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { contactsQuery } from '../../api/queries';
import type { components } from '../../api/schema';
import { isMasked, typed, written, type Contact, type Dossier, type Kind } from '../../lib/fields';
import { label } from '../../lib/format';
import { FieldInput } from '../../parts/field-input';
import { Masked } from '../../parts/marks';
import { Side } from '../../parts/side';
import { Empty, Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useMay, useUnsaved } from '../../session/store';
import { FieldList } from './field-list';
import { History } from './history';

export function Contacts({ dossier, kind }: { dossier: Dossier; kind: Kind }) {
  const { t } = useTranslation();
  const may = useMay();
  const client = useQueryClient();
  const query = contactsQuery(dossier.id);
  const contacts = useQuery(query);
  const [adding, setAdding] = useState(false);
  if (contacts.isError) return <Failed problem={contacts.error} retry={() => void contacts.refetch()} />;
  if (!contacts.data) return <Loading lines={4} />;
  const items = contacts.data.items;
  const add = may('create') && dossier.state === 'live' && (
    <Button icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t('contact.add')}
    </Button>
  );
  const saved = (now: Contact) =>
    client.setQueryData(query.queryKey, {
      ...contacts.data,
      items: items.map((one) => (one.id === now.id ? now : one)),
    });
  return (
    <>
      {items.length === 0 ? (
        <Empty title={t('contact.none')} actions={add}>
          {t('contact.noneText')}
        </Empty>
      ) : (
        <>
          {items.map((contact, n) => (
            <One key={contact.id} contact={contact} kind={kind} code={dossier.code} saved={saved} open={n === 0} />
          ))}
          <div style={{ marginTop: 16 }}>{add}</div>
        </>
      )}
      {adding && (
        <Add
          dossier={dossier}
          kind={kind}
          close={() => setAdding(false)}
          done={() => {
            setAdding(false);
            toast(t('contact.added'));
            void contacts.refetch();
          }}
        />
      )}
    </>
  );
}

function One({
  contact,
  kind,
  code,
  saved,
  open,
}: {
  contact: Contact;
  kind: Kind;
  code: string;
  saved: (now: Contact) => void;
  open: boolean;
}) {
  const { t } = useTranslation();
  const role = kind.fields.find((field) => field.name === 'decision_role');
  const name = contact.fields.name ?? '';
  const may = useMay();
  const [past, setPast] = useState(false);
  const who = isMasked(contact, 'name') ? <Masked field={t('list.name')} mask={name} /> : <span>{name || '—'}</span>;
  return (
    <details className="contact" open={open}>
      <summary>
        <span className="face" aria-hidden="true">
          {Array.from(name).at(0) ?? '·'}
        </span>
        <span className="grow">
          {who}
          <span className="meta" style={{ display: 'block' }}>
            {[contact.fields.title, written(role, contact.fields.decision_role)].filter(Boolean).join(' · ') || '—'}
          </span>
        </span>
      </summary>
      <FieldList record={contact} kind={kind} code={code} saved={saved} />
      {may('history') && (
        <Button type="text" size="small" className="past" icon={<HistoryOutlined />} onClick={() => setPast(true)}>
          {t('record.history')}
        </Button>
      )}
      {past && (
        <Side
          title={
            <>
              {who} · {t('record.history')}
            </>
          }
          close={() => setPast(false)}
        >
          <History record={contact} kind={kind} saved={saved} />
        </Side>
      )}
    </details>
  );
}

function Add({ dossier, kind, close, done }: { dossier: Dossier; kind: Kind; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Record<string, string>>({});
  useUnsaved(Object.values(values).some(Boolean));
  const add = useMutation({
    mutationFn: () => {
      const fields = Object.fromEntries(
        kind.fields.flatMap((field) =>
          values[field.name] ? [[field.name, typed(field, values[field.name] ?? '')]] : [],
        ),
      );
      return ask(
        api.POST('/v1/dossiers/{id}/contacts', {
          params: { path: { id: dossier.id } },
          body: { fields } as components['schemas']['NewContact'],
        }),
      );
    },
    onSuccess: done,
  });
  const problem = add.error instanceof Problem ? add.error : undefined;
  const shown = kind.fields.filter((field) => field.shown !== 'hidden');
  const told = shown.some((field) => problem?.about(field.name));
  return (
    <Modal
      open
      title={t('contact.add')}
      onCancel={close}
      okText={t('contact.save')}
      cancelText={t('do.cancel')}
      okButtonProps={{ loading: add.isPending, disabled: !values.name?.trim() }}
      onOk={() => add.mutate()}
      width={480}
    >
      <div className="stack">
        {shown.map((field) => {
          const wrong = problem?.about(field.name);
          return (
            <div key={field.name} className="field">
              <label htmlFor={`new-${field.name}`}>
                {label(field.label)}
                {field.required_from === 'lead' ? ' *' : ''}
              </label>
              <FieldInput
                id={`new-${field.name}`}
                field={field}
                value={values[field.name] ?? ''}
                change={(text) => setValues({ ...values, [field.name]: text })}
                wrong={Boolean(wrong)}
              />
              {wrong && (
                <span className="wrong" role="alert">
                  {wrong}
                </span>
              )}
            </div>
          );
        })}
        {!told && <Wrong problem={add.error} />}
      </div>
    </Modal>
  );
}
