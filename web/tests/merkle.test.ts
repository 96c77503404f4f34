import { describe, expect, test } from 'vitest';
import { consistent, equal, included, leafHash, nodeHash, unbase64 } from '../src/lib/merkle';

const text = new TextEncoder();
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The tree and its proofs by their definitions (RFC 6962 §2.1), which share nothing with what is tested. */
async function root(leaves: Uint8Array[]): Promise<Uint8Array> {
  if (leaves.length === 1) return leafHash(leaves[0] as Uint8Array);
  const k = cut(leaves.length);
  return nodeHash(await root(leaves.slice(0, k)), await root(leaves.slice(k)));
}
const cut = (n: number): number => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};
async function path(m: number, leaves: Uint8Array[]): Promise<Uint8Array[]> {
  if (leaves.length === 1) return [];
  const k = cut(leaves.length);
  return m < k
    ? [...(await path(m, leaves.slice(0, k))), await root(leaves.slice(k))]
    : [...(await path(m - k, leaves.slice(k))), await root(leaves.slice(0, k))];
}
async function growth(m: number, leaves: Uint8Array[], whole = true): Promise<Uint8Array[]> {
  if (m === leaves.length) return whole ? [] : [await root(leaves)];
  const k = cut(leaves.length);
  return m <= k
    ? [...(await growth(m, leaves.slice(0, k), whole)), await root(leaves.slice(k))]
    : [...(await growth(m - k, leaves.slice(k), false)), await root(leaves.slice(0, k))];
}

const leaves = Array.from({ length: 23 }, (_, n) => text.encode(`entry ${n}`));
const other = await leafHash(text.encode('another'));

describe('inclusion', () => {
  test('every entry of every small tree is found where it is, and nowhere else', async () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const all = leaves.slice(0, size);
      const top = await root(all);
      for (let at = 0; at < size; at += 1) {
        const hash = await leafHash(all[at] as Uint8Array);
        const proof = await path(at, all);
        expect(await included(at, size, hash, proof, top), `${at} of ${size}`).toBe(true);
        expect(await included(at, size, other, proof, top)).toBe(false);
        expect(await included(at, size, hash, proof, other)).toBe(false);
        expect(await included(at, size, hash, [...proof, other], top)).toBe(false);
        if (proof.length > 0) expect(await included(at, size, hash, proof.slice(1), top)).toBe(false);
        expect(await included(at + size, size, hash, proof, top)).toBe(false);
      }
    }
  });
});

describe('growth', () => {
  test('each tree is the beginning of each larger one, and of no altered one', async () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const top = await root(leaves.slice(0, size));
      for (let old = 1; old <= size; old += 1) {
        const before = await root(leaves.slice(0, old));
        const proof = await growth(old, leaves.slice(0, size));
        expect(await consistent(old, size, before, top, proof), `${old} of ${size}`).toBe(true);
        expect(await consistent(old, size, other, top, proof)).toBe(false);
        expect(await consistent(old, size, before, other, proof)).toBe(false);
        expect(await consistent(old, size, before, top, [...proof, other])).toBe(false);
        if (proof.length > 0) expect(await consistent(old, size, before, top, proof.slice(1))).toBe(false);
      }
    }
  });

  test('nothing is proved of an empty tree or of one that shrank', async () => {
    expect(await consistent(0, 3, other, other, [])).toBe(false);
    expect(await consistent(4, 3, other, other, [])).toBe(false);
  });
});

test('hashes are those of RFC 6962: the empty leaf', async () => {
  expect(hex(await leafHash(new Uint8Array()))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});

test('base64 is taken in its one spelling', () => {
  expect(unbase64('AQ==')).toEqual(new Uint8Array([1]));
  for (const wrong of ['AR==', 'AQ', 'AQ=', 'A_==', ' AQ==', 'AQ==\n']) expect(unbase64(wrong), wrong).toBeUndefined();
  expect(unbase64('AQ==', 32)).toBeUndefined();
  expect(equal(new Uint8Array([1]), new Uint8Array([1, 2]))).toBe(false);
});
