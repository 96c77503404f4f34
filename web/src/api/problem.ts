import type { components } from './schema';

export type ProblemBody = components['schemas']['Problem'];

/** An answer that is not what was asked for. `kind` is the last part of the problem's type, `network` when none came. */
export class Problem extends Error {
  readonly kind: string;
  readonly status: number;
  readonly body: Partial<ProblemBody>;
  readonly retryAfter: number | undefined;

  constructor(status: number, body: Partial<ProblemBody>, retryAfter?: number) {
    super(body.type ?? 'network');
    this.kind = body.type?.split(':').at(-1) ?? (status === 0 ? 'network' : 'unknown');
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** The problem with one field, where it is about that field. */
  about(field: string): string | undefined {
    const of = (name: string | null | undefined) => name === field || name?.endsWith(`.${field}`);
    if (of(this.body.field)) return this.body.detail;
    return this.body.errors?.find((one) => of(one.field))?.detail;
  }
}

/** No keys, no ledger, no policy: nothing is shown until they are back. */
export const closed = (problem: unknown): problem is Problem => problem instanceof Problem && problem.status === 503;
