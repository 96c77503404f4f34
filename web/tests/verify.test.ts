// Answers of a real server, as they are and doctored in every place.
import { beforeAll, describe, expect, test } from 'vitest';
import { micros, readLeaf, typeId } from '../src/lib/leaf';
import { unbase64 } from '../src/lib/merkle';
import { readCheckpoint, readKey, type Key } from '../src/lib/note';
import { verifyEntry, verifyGrowth, type Consistency, type Entry, type Proof } from '../src/lib/verify';
import fixture from './ledger.json';

const entries = fixture.entries as unknown as { entry: Entry; proof: Proof }[];
const growth = fixture.consistency as Consistency;
const copy = <T>(of: T): T => JSON.parse(JSON.stringify(of)) as T;
/** The same text with one character changed, so that it stays base64. */
const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

let key: Key;
beforeAll(async () => {
  key = (await readKey(fixture.key)) as Key;
});

test('ids are written as TypeID does', () => {
  // The example of its specification: 01889c89-df6b-7f1c-a388-91396ec314bc.
  const bytes = Uint8Array.from('01889c89df6b7f1ca38891396ec314bc'.match(/../g) ?? [], (two) => parseInt(two, 16));
  expect(typeId('usr', bytes)).toBe('usr_01h2e8kqvbfwea724h75qc655w');
});

test('entries of a real ledger are found good', async () => {
  for (const { entry, proof } of entries)
    expect(await verifyEntry(entry, proof, key), entry.id).toMatchObject({ good: true });
});

describe('a doctored answer is refused', () => {
  const { entry, proof } = entries[0] as { entry: Entry; proof: Proof };
  const cases: [string, (entry: Entry, proof: Proof) => void, string][] = [
    ['leaf', (_, p) => (p.leaf = flip(p.leaf, 30)), 'inclusion'],
    ['a hash of the path', (_, p) => (p.proof[2] = flip(p.proof[2] ?? '', 5)), 'inclusion'],
    ['a path that is too short', (_, p) => p.proof.pop(), 'inclusion'],
    ['index', (_, p) => (p.index += 1), 'tree'],
    ['size', (_, p) => (p.size += 1), 'tree'],
    ['root', (_, p) => (p.root = flip(p.root, 3)), 'tree'],
    ['the log that it is of', (_, p) => (p.log = p.log.replace('change', 'access/1')), 'tree'],
    ['root of the checkpoint', (_, p) => (p.checkpoint = p.checkpoint.replace(p.root, flip(p.root, 3))), 'signature'],
    ['the signature', (_, p) => (p.checkpoint = flip(p.checkpoint, p.checkpoint.length - 20)), 'signature'],
    [
      'a checkpoint without a signature',
      (_, p) => (p.checkpoint = `${p.checkpoint.split('\n\n')[0]}\n\n`),
      'signature',
    ],
    ['the time that is shown', (e) => (e.at = e.at.replace(/\d(?=Z)/, (n) => String((Number(n) + 1) % 10))), 'shown'],
    ['the outcome that is shown', (e) => (e.outcome = e.outcome === 'done' ? 'refused' : 'done'), 'shown'],
    ['who it is said to be', (e) => (e.who_id = e.who_id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))), 'shown'],
    ['the action that is shown', (e) => (e.action = 'erase'), 'shown'],
    ['the address that is shown', (e) => (e.address = '192.0.2.1'), 'shown'],
    ['the request that is shown', (e) => (e.request = 'another'), 'shown'],
  ];
  test.each(cases)('%s', async (_, doctor, why) => {
    const [e, p] = [copy(entry), copy(proof)];
    doctor(e, p);
    expect(await verifyEntry(e, p, key)).toEqual({ good: false, why, entry: e.id });
  });

  test('a proof of another entry', async () => {
    const second = entries[1] as { entry: Entry; proof: Proof };
    expect(await verifyEntry(entry, second.proof, key)).toMatchObject({ good: false, why: 'tree' });
  });
});

describe('growth', () => {
  const seen = { size: growth.old_size, root: growth.old_root };
  test('of a real ledger is found good', async () => {
    expect(await verifyGrowth(seen, growth, key)).toMatchObject({ good: true });
  });
  test('an altered beginning is refused', async () => {
    expect(await verifyGrowth({ ...seen, root: flip(seen.root, 4) }, growth, key)).toMatchObject({
      why: 'consistency',
    });
    const doctored = { ...copy(growth), old_root: flip(seen.root, 4) };
    expect(await verifyGrowth({ ...seen, root: doctored.old_root }, doctored, key)).toMatchObject({
      why: 'consistency',
    });
  });
  test('a shortened proof and a foreign checkpoint are refused', async () => {
    expect(await verifyGrowth(seen, { ...copy(growth), proof: growth.proof.slice(1) }, key)).toMatchObject({
      good: false,
    });
    expect(await verifyGrowth(seen, { ...copy(growth), new_size: growth.new_size + 1 }, key)).toMatchObject({
      why: 'tree',
    });
  });
});

describe('keys and notes', () => {
  test('a key whose hash does not match is none', async () => {
    const at = fixture.key.indexOf('+') + 1;
    expect(await readKey(flip(fixture.key, at))).toBeUndefined();
    expect(await readKey(fixture.key.slice(0, -4))).toBeUndefined();
    expect(await readKey('')).toBeUndefined();
  });
  test('a checkpoint of another name is none', async () => {
    const note = growth.checkpoint;
    expect(await readCheckpoint(note, { ...key, name: 'another' })).toBeUndefined();
    expect(await readCheckpoint(note.trimEnd(), key)).toBeUndefined();
    expect(await readCheckpoint(`x${note}`, key)).toBeUndefined();
  });
});

describe('leaves', () => {
  test('say what the entry says', () => {
    for (const { entry, proof } of entries) {
      const leaf = readLeaf(unbase64(proof.leaf) as Uint8Array);
      expect(leaf?.at).toBe(micros(entry.at));
      expect(leaf?.request).toBe(entry.request);
    }
  });
  test('cut short, or with something behind, are none', () => {
    const bytes = unbase64((entries[0] as { proof: Proof }).proof.leaf) as Uint8Array;
    for (let size = 0; size < bytes.length; size += 1) expect(readLeaf(bytes.slice(0, size))).toBeUndefined();
    expect(readLeaf(new Uint8Array([...bytes, 0]))).toBeUndefined();
  });
});
