// The one place that talks to the server. Everything is asked for because somebody did something: there is no
// prefetching, no asking again on focus, and a refusal is not tried again.
import createClient, { type Middleware } from 'openapi-fetch';
import { settings } from '../lib/settings';
import { Problem, type ProblemBody } from './problem';
import type { paths } from './schema';

/** The server's words come in the language of the page's. */
const accepts = () => (settings().language === 'zh' ? 'zh-CN' : 'en');

let csrf = '';
let onUnauthenticated: (problem: Problem) => void = () => undefined;
let onUsed: () => void = () => undefined;
let prove: () => Promise<boolean> = () => Promise.resolve(false);

/** The session tells its token; every request but GET carries it. */
export const setCsrf = (token: string) => {
  csrf = token;
};

export const watchSession = (ended: (problem: Problem) => void, used: () => void) => {
  onUnauthenticated = ended;
  onUsed = used;
};

/** Who has somebody show who they are: whether they did. */
export const watchProofs = (proof: () => Promise<boolean>) => {
  prove = proof;
};

/** Each request as it was, until it is answered: what wanted a proof first is sent once more. */
const sent = new Map<string, Request>();

const guard: Middleware = {
  onRequest({ request, id }) {
    request.headers.set('Accept-Language', accepts());
    if (request.method !== 'GET') {
      if (csrf) request.headers.set('X-CSRF-Token', csrf);
      sent.set(id, request.clone());
    }
    return request;
  },
  async onResponse({ response, id }) {
    const request = sent.get(id);
    sent.delete(id);
    if (!request || response.status !== 403) return undefined;
    const said = (await response
      .clone()
      .json()
      .catch(() => ({}))) as Partial<ProblemBody>;
    return said.type?.endsWith(':proof_needed') && (await prove()) ? fetch(request) : undefined;
  },
  onError({ id }) {
    sent.delete(id);
  },
};

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin', cache: 'no-store' });
api.use(guard);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer, or a `Problem` thrown. */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  const answer = await asked.catch(() => {
    throw new Problem(0, {});
  });
  if (answer.response.ok) {
    onUsed();
    return answer.data as T;
  }
  const retry = Number(answer.response.headers.get('Retry-After')) || undefined;
  const body = typeof answer.error === 'object' ? (answer.error as ProblemBody) : {};
  const problem = new Problem(answer.response.status, body, retry);
  if (
    problem.status === 401 &&
    !problem.kind.startsWith('sign_in') &&
    !['code_required', 'passkey_required'].includes(problem.kind)
  )
    onUnauthenticated(problem);
  throw problem;
}

/** A file of which the text is wanted, with the session's cookie. */
export async function askText(path: string): Promise<string> {
  const response = await fetch(path, {
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { 'Accept-Language': accepts() },
  }).catch(() => {
    throw new Problem(0, {});
  });
  const text = await response.text();
  if (response.ok) {
    onUsed();
    return text;
  }
  let body: Partial<ProblemBody> = {};
  try {
    body = JSON.parse(text) as ProblemBody;
  } catch {
    // An answer that is no problem document is told by its status alone.
  }
  throw new Problem(response.status, body);
}

/** Hands a file in and tells how much of it is on its way; `fetch` cannot tell that. */
export function upload<T>(
  path: string,
  file: Blob,
  headers: Record<string, string>,
  told: (part: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('Accept-Language', accepts());
    request.setRequestHeader('X-CSRF-Token', csrf);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = 'json';
    request.upload.onprogress = (event) => told(event.lengthComputable ? event.loaded / event.total : 0);
    request.onerror = () => reject(new Problem(0, {}));
    request.onload = () => {
      if (request.status < 300) {
        onUsed();
        resolve(request.response as T);
      } else reject(new Problem(request.status, (request.response as ProblemBody | null) ?? {}));
    };
    request.send(file);
  });
}
