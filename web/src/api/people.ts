// Signing in, sessions, set-up links, views.
import { request } from './client';

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
  | 'find'
  | 'history'
  | 'read_ledger'
  | 'manage_access'
  | 'manage_keys';

export interface Session {
  user: { id: string; name: string; role: string; team: string };
  csrf: string;
  begun_at: string;
  idle_seconds: number;
  ends_at: string;
  last_sign_in?: { at: string; address: string };
  must?: 'totp' | 'password';
  may: string[];
  demo: boolean;
}
export interface OneSession {
  id: string;
  current: boolean;
  begun_at: string;
  used_at: string;
  address: string;
  agent: string;
}
export interface Person {
  id: string;
  name: string;
  role: string;
  team: string;
  disabled: boolean;
  created_at: string;
  totp: boolean;
  last_sign_in_at?: string;
  sessions: number;
  set_up: boolean;
}
export interface View {
  id: string;
  name: string;
  shared: boolean;
  own: boolean;
  body: Record<string, unknown>;
}

export const people = {
  session: () => request<Session>('GET', '/v1/session'),
  signIn: (body: { name: string; password: string; code?: string }) => request<Session>('POST', '/v1/session', body),
  signOut: () => request<void>('DELETE', '/v1/session'),
  sessions: () => request<{ items: OneSession[] }>('GET', '/v1/me/sessions'),
  endSession: (id: string) => request<void>('DELETE', `/v1/me/sessions/${id}`),
  endOthers: () => request<void>('DELETE', '/v1/me/sessions'),
  changePassword: (body: { current: string; new: string }) => request<void>('PUT', '/v1/me/password', body),
  beginTotp: (password?: string) =>
    request<{ secret: string; uri: string }>('POST', '/v1/me/totp', password ? { password } : {}),
  confirmTotp: (code: string) => request<void>('PUT', '/v1/me/totp', { code }),
  endTotp: (password: string) => request<void>('DELETE', '/v1/me/totp', { password }),
  lookSetUp: (token: string) =>
    request<{ purpose: 'first' | 'invitation' | 'reset'; name?: string; role?: string }>('POST', '/v1/set-up/look', {
      token,
    }),
  setUp: (body: { token: string; name?: string; password: string }) => request<Session>('POST', '/v1/set-up', body),
  list: () => request<{ items: Person[] }>('GET', '/v1/users'),
  add: (body: { name: string; role: string; team?: string }) =>
    request<Person & { set_up: string }>('POST', '/v1/users', body),
  link: (id: string) => request<{ set_up: string }>('POST', `/v1/users/${id}/set-up`),
  disable: (id: string, disabled: boolean) => request<Person>('PATCH', `/v1/users/${id}`, { disabled }),
  signOutEverywhere: (id: string) => request<void>('DELETE', `/v1/users/${id}/sessions`),
  views: () => request<{ items: View[] }>('GET', '/v1/views'),
  addView: (body: Pick<View, 'name' | 'shared' | 'body'>) => request<View>('POST', '/v1/views', body),
  changeView: (id: string, body: Pick<View, 'name' | 'shared' | 'body'>) =>
    request<View>('PUT', `/v1/views/${id}`, body),
  forgetView: (id: string) => request<void>('DELETE', `/v1/views/${id}`),
};
