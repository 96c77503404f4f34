// Verifies entries of the ledger in this browser: that the checkpoint is signed by the ledger's key, that each entry is in
// the tree under it, that the leaf says what the page shows, and that the tree only grew since this browser looked last.
import type { components } from '../api/schema';
import { deeds, micros, readLeaf } from './leaf';
import { consistent, included, leafHash, unbase64 } from './merkle';
import { readCheckpoint, readKey, type Checkpoint, type Key } from './note';

export type Entry = components['schemas']['Entry'];
export type Proof = components['schemas']['Proof'];
export type Consistency = components['schemas']['Consistency'];

/** What was found wrong first: which step, and for an entry its name. */
export type Finding =
  'key' | 'signature' | 'tree' | 'leaf' | 'inclusion' | 'shown' | 'shrunk' | 'consistency' | 'unsupported';
export type Verdict = { good: true; checkpoint: Checkpoint } | { good: false; why: Finding; entry?: string };

const bad = (why: Finding, entry?: string): Verdict => ({ good: false, why, ...(entry ? { entry } : {}) });

export async function openKey(text: string): Promise<Key | undefined> {
  try {
    return await readKey(text);
  } catch {
    return undefined;
  }
}

/** One entry against the proof that the server gave for it. */
export async function verifyEntry(entry: Entry, proof: Proof, key: Key): Promise<Verdict> {
  const checkpoint = await readCheckpoint(proof.checkpoint, key);
  if (!checkpoint) return bad('signature', entry.id);
  if (checkpoint.origin !== proof.log || checkpoint.size !== proof.size || checkpoint.root !== proof.root)
    return bad('tree', entry.id);
  const index = Number(entry.id.split('-').at(-1));
  const path = entry.id.startsWith('c-') ? 'change' : `access/${entry.id.split('-')[1]}`;
  if (index !== proof.index || !checkpoint.origin.endsWith(`/${path}`)) return bad('tree', entry.id);
  const leaf = unbase64(proof.leaf);
  const root = unbase64(proof.root, 32);
  const hashes = proof.proof.map((one) => unbase64(one, 32));
  if (!leaf || !root || hashes.some((one) => !one)) return bad('leaf', entry.id);
  if (!(await included(proof.index, proof.size, await leafHash(leaf), hashes as Uint8Array[], root)))
    return bad('inclusion', entry.id);
  const said = readLeaf(leaf);
  if (!said) return bad('leaf', entry.id);
  const same =
    said.at === micros(entry.at) &&
    said.who === entry.who_id &&
    (deeds[said.action] ?? entry.action) === entry.action &&
    (said.outcome === 1) === (entry.outcome === 'done') &&
    said.address === entry.address &&
    said.request === entry.request &&
    said.code === entry.code;
  return same ? { good: true, checkpoint } : bad('shown', entry.id);
}

/** That the log which was seen at an earlier size is the beginning of the one of now. */
export async function verifyGrowth(
  seen: { size: number; root: string },
  answer: Consistency,
  key: Key,
): Promise<Verdict> {
  const checkpoint = await readCheckpoint(answer.checkpoint, key);
  if (!checkpoint) return bad('signature');
  if (checkpoint.origin !== answer.log || checkpoint.size !== answer.new_size || checkpoint.root !== answer.new_root)
    return bad('tree');
  if (answer.old_size !== seen.size || answer.old_root !== seen.root) return bad('consistency');
  const oldRoot = unbase64(seen.root, 32);
  const root = unbase64(answer.new_root, 32);
  const hashes = answer.proof.map((one) => unbase64(one, 32));
  if (!oldRoot || !root || hashes.some((one) => !one)) return bad('consistency');
  const grew = await consistent(seen.size, answer.new_size, oldRoot, root, hashes as Uint8Array[]);
  return grew ? { good: true, checkpoint } : bad('consistency');
}
