// One change of a record: sent with the version that the reader saw, and taken back the same way. What meets a flow of
// approvals changes nothing yet: the answer says for whom it waits.
import type { Waiting } from '../../api/approvals';
import { api, ask } from '../../api/client';
import { readContact, readDossier } from '../../api/queries';
import type { components } from '../../api/schema';
import type { Contact, Dossier } from '../../lib/fields';

export type DossierChange = components['schemas']['DossierChange'];
export type ContactChange = components['schemas']['ContactChange'];

export const isContact = (record: Dossier | Contact): record is Contact => 'dossier' in record;

const match = (version: number) => `"${version}"`;

export function saveDossier(id: string, version: number, body: DossierChange): Promise<Dossier | Waiting> {
  return ask(
    api.PATCH('/v1/dossiers/{id}', { params: { path: { id }, header: { 'If-Match': match(version) } }, body }),
  );
}

export function saveContact(id: string, version: number, body: ContactChange): Promise<Contact | Waiting> {
  return ask(
    api.PATCH('/v1/contacts/{id}', { params: { path: { id }, header: { 'If-Match': match(version) } }, body }),
  );
}

export function saveField<R extends Dossier | Contact>(record: R, field: string, value: unknown): Promise<R | Waiting> {
  const fields = { [field]: value };
  const answer = isContact(record)
    ? saveContact(record.id, record.version, { fields } as ContactChange)
    : saveDossier(record.id, record.version, { fields } as DossierChange);
  return answer as Promise<R | Waiting>;
}

export const readAgain = (record: Dossier | Contact): Promise<Dossier | Contact> =>
  isContact(record) ? readContact(record.id) : readDossier(record.id);
