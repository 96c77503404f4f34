// Signing in, sessions, set-up links, people and views, by the names that the page has for them.
import { answer, make } from '../lib/passkey';
import { api, ask } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type Passkey = Schemas['Passkey'];
export type Person = Schemas['User'];
/** The server seals the body of a view and does not read it. */
export type View = Omit<Schemas['View'], 'body'> & { body: Record<string, unknown> };
type Keep = Pick<View, 'name' | 'shared' | 'body'>;
type Sealed = Schemas['KeepView'];

export type Right =
  | 'create'
  | 'change'
  | 'delete'
  | 'read'
  | 'import'
  | 'export'
  | 'print'
  | 'share'
  | 'reveal'
  | 'copy'
  | 'find'
  | 'history'
  | 'read_ledger'
  | 'manage_access'
  | 'manage_keys'
  | 'supervise'
  | 'detokenise';

/** A passkey's answer, as the interface takes it: an object of which the document does not say what is in it. */
const given = async (answered: Promise<Record<string, unknown>>) => (await answered) as Record<string, never>;

const of = (id: string) => ({ params: { path: { id } } });

export const people = {
  session: () => ask(api.GET('/v1/session')),
  signIn: (body: Schemas['SignInWith']) => ask(api.POST('/v1/session', { body })),
  signInByPasskey: async (name?: string) => {
    const { challenge, options } = await ask(api.POST('/v1/session/challenge'));
    const body = { challenge, credential: await given(answer(options)), ...(name ? { name } : {}) };
    return ask(api.POST('/v1/session/passkey', { body }));
  },
  // Not by `ask`: what the page says by itself is no sign that somebody is there.
  watermarkMissed: () => api.POST('/v1/session/watermark'),
  signOut: () => ask(api.DELETE('/v1/session')),
  sessions: () => ask(api.GET('/v1/me/sessions')),
  endSession: (id: string, password: string) =>
    ask(api.DELETE('/v1/me/sessions/{id}', { ...of(id), body: { password } })),
  endOthers: (password: string) => ask(api.DELETE('/v1/me/sessions', { body: { password } })),
  changePassword: (body: Schemas['ChangePassword']) => ask(api.PUT('/v1/me/password', { body })),
  passkeys: () => ask(api.GET('/v1/me/passkeys')),
  addPasskey: async (name: string) => {
    const { challenge, options } = await ask(api.POST('/v1/me/passkeys/challenge'));
    const body = { name, challenge, credential: await given(make(options)) };
    return ask(api.POST('/v1/me/passkeys', { body }));
  },
  renamePasskey: (id: string, name: string) => ask(api.PATCH('/v1/me/passkeys/{id}', { ...of(id), body: { name } })),
  removePasskey: (id: string) => ask(api.DELETE('/v1/me/passkeys/{id}', of(id))),
  prove: (password: string) => ask(api.POST('/v1/me/proof', { body: { password } })),
  proveByPasskey: async () => {
    const { challenge, options } = await ask(api.POST('/v1/me/proof/challenge'));
    return ask(api.POST('/v1/me/proof', { body: { challenge, credential: await given(answer(options)) } }));
  },
  beginTotp: (password?: string) => ask(api.POST('/v1/me/totp', { body: password ? { password } : {} })),
  confirmTotp: (code: string) => ask(api.PUT('/v1/me/totp', { body: { code } })),
  endTotp: (password: string) => ask(api.DELETE('/v1/me/totp', { body: { password } })),
  lookSetUp: (token: string) => ask(api.POST('/v1/set-up/look', { body: { token } })),
  setUp: (body: Schemas['SetUpWith']) => ask(api.POST('/v1/set-up', { body })),
  list: () => ask(api.GET('/v1/users')),
  add: (body: Schemas['AddUser']) => ask(api.POST('/v1/users', { body })),
  link: (id: string) => ask(api.POST('/v1/users/{id}/set-up', of(id))),
  disable: (id: string, disabled: boolean) => ask(api.PATCH('/v1/users/{id}', { ...of(id), body: { disabled } })),
  change: (id: string, body: Pick<Schemas['ChangeUser'], 'roles' | 'team'>) =>
    ask(api.PATCH('/v1/users/{id}', { ...of(id), body })),
  signOutEverywhere: (id: string) => ask(api.DELETE('/v1/users/{id}/sessions', of(id))),
  views: () => ask(api.GET('/v1/views')) as Promise<{ items: View[] }>,
  addView: (body: Keep) => ask(api.POST('/v1/views', { body: body as Sealed })) as Promise<View>,
  changeView: (id: string, body: Keep) =>
    ask(api.PUT('/v1/views/{id}', { ...of(id), body: body as Sealed })) as Promise<View>,
  forgetView: (id: string) => ask(api.DELETE('/v1/views/{id}', of(id))),
};
