// One change of a record: sent with the version that the reader saw, and taken back the same way.
import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';
import type { Contact, Dossier } from '../../lib/fields';

export type DossierChange = components['schemas']['DossierChange'];
export type ContactChange = components['schemas']['ContactChange'];

export const isContact = (record: Dossier | Contact): record is Contact => 'dossier' in record;

const match = (version: number) => `"${version}"`;

export function saveDossier(id: string, version: number, body: DossierChange): Promise<Dossier> {
  return ask(
    api.PATCH('/v1/dossiers/{id}', { params: { path: { id }, header: { 'If-Match': match(version) } }, body }),
  );
}

export function saveContact(id: string, version: number, body: ContactChange): Promise<Contact> {
  return ask(
    api.PATCH('/v1/contacts/{id}', { params: { path: { id }, header: { 'If-Match': match(version) } }, body }),
  );
}

export function saveField(record: Dossier | Contact, field: string, value: unknown): Promise<Dossier | Contact> {
  const fields = { [field]: value };
  return isContact(record)
    ? saveContact(record.id, record.version, { fields } as ContactChange)
    : saveDossier(record.id, record.version, { fields } as DossierChange);
}

export const readAgain = (record: Dossier | Contact): Promise<Dossier | Contact> =>
  isContact(record)
    ? ask(api.GET('/v1/contacts/{id}', { params: { path: { id: record.id }, query: { provenance: true } } }))
    : ask(api.GET('/v1/dossiers/{id}', { params: { path: { id: record.id }, query: { provenance: true } } }));
