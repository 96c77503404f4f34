// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint) with Ed25519 by the browser's own cryptography.
import { equal, unbase64 } from './merkle';

export interface Key {
  name: string;
  hash: Uint8Array;
  public: CryptoKey;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: string;
}

const utf8 = new TextEncoder();

/** A verifier key `name+hash+base64(0x01 ‖ public key)`; `undefined` when it does not add up. */
export async function readKey(text: string): Promise<Key | undefined> {
  const [name, hash, rest, ...more] = text.trim().split('+').length >= 3 ? split(text.trim()) : [];
  if (!name || !hash || !rest || more.length > 0) return undefined;
  const blob = unbase64(rest, 33);
  if (!blob || blob[0] !== 1) return undefined;
  const named = utf8.encode(`${name}\n`);
  const whole = new Uint8Array(named.length + blob.length);
  whole.set(named);
  whole.set(blob, named.length);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', whole)).slice(0, 4);
  if (Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') !== hash) return undefined;
  const key = await crypto.subtle.importKey('raw', blob.slice(1), { name: 'Ed25519' }, false, ['verify']);
  return { name, hash: digest, public: key };
}

/** Base64 may hold `+`, so only the first two divide. */
function split(text: string): string[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** The checkpoint in a note that the key has signed; `undefined` for any other. */
export async function readCheckpoint(note: string, key: Key): Promise<Checkpoint | undefined> {
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0 || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, cut + 1);
  let mine = 0;
  for (const line of note.slice(cut + 2, -1).split('\n')) {
    const parts = line.split(' ');
    if (parts.length !== 3 || parts[0] !== '—' || !parts[1]) return undefined;
    const blob = unbase64(parts[2] ?? '');
    if (!blob) return undefined;
    if (parts[1] !== key.name || !equal(blob.slice(0, 4), key.hash)) continue;
    if (!(await crypto.subtle.verify({ name: 'Ed25519' }, key.public, blob.slice(4), utf8.encode(text))))
      return undefined;
    mine += 1;
  }
  if (mine !== 1) return undefined;
  const lines = text.split('\n');
  const [origin, size, root] = lines;
  if (lines.length !== 4 || !origin || !size || !root || lines[3] !== '') return undefined;
  if (origin !== key.name && !origin.startsWith(`${key.name}/`)) return undefined;
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !unbase64(root, 32)) return undefined;
  return { origin, size: Number(size), root };
}
