// The steps of a verification with the server's answers, one after another, so that it can tell how far it is.
import { api, ask, askText } from '../../api/client';
import { Problem } from '../../api/problem';
import { keepCheckpoint, seenCheckpoint } from '../../lib/settings';
import type { Checkpoint } from '../../lib/note';
import { openKey, verifyEntry, verifyGrowth, type Entry, type Finding } from '../../lib/verify';
import { readCheckpoint } from '../../lib/note';

export type Verification =
  | { at: 'running'; done: number; total: number }
  | { at: 'good'; entries: number; checkpoint: Checkpoint; since: number | undefined; ids: ReadonlySet<string> }
  | { at: 'bad'; why: Finding; entry?: string | undefined }
  | { at: 'failed'; problem: unknown };

/** How many proofs are asked for at a time. */
const together = 4;

export async function verifyPage(log: string, entries: Entry[], tell: (now: Verification) => void): Promise<void> {
  try {
    tell({ at: 'running', done: 0, total: entries.length });
    const key = await openKey(await askText('/v1/ledger/key'));
    if (!key) return tell({ at: 'bad', why: 'key' });
    let newest: Checkpoint | undefined;
    let done = 0;
    for (let from = 0; from < entries.length; from += together) {
      const verdicts = await Promise.all(
        entries.slice(from, from + together).map(async (entry) => {
          const proof = await ask(api.GET('/v1/ledger/proof/{entry}', { params: { path: { entry: entry.id } } }));
          return verifyEntry(entry, proof, key);
        }),
      );
      for (const verdict of verdicts) {
        if (!verdict.good) return tell({ at: 'bad', why: verdict.why, entry: verdict.entry });
        if (!newest || verdict.checkpoint.size > newest.size) newest = verdict.checkpoint;
        done += 1;
      }
      tell({ at: 'running', done, total: entries.length });
    }
    newest ??= await readCheckpoint(await askText(`/v1/ledger/checkpoint?log=${encodeURIComponent(log)}`), key);
    if (!newest) return tell({ at: 'bad', why: 'signature' });

    const seen = seenCheckpoint(newest.origin);
    let final = newest;
    if (seen && seen.size > 0) {
      if (seen.size > newest.size) return tell({ at: 'bad', why: 'shrunk' });
      const answer = await ask(api.GET('/v1/ledger/consistency', { params: { query: { log, old_size: seen.size } } }));
      const verdict = await verifyGrowth(seen, answer, key);
      if (!verdict.good) return tell({ at: 'bad', why: verdict.why });
      final = verdict.checkpoint;
    }
    keepCheckpoint(final.origin, final.size, final.root);
    tell({
      at: 'good',
      entries: entries.length,
      checkpoint: final,
      since: seen?.size,
      ids: new Set(entries.map((entry) => entry.id)),
    });
  } catch (problem) {
    if (problem instanceof Problem) tell({ at: 'failed', problem });
    else tell({ at: 'bad', why: 'unsupported' });
  }
}
