// Proofs of the ledger, recomputed here: leaf and node hashes as in RFC 6962 §2.1, the paths of RFC 9162 §2.1.3 and §2.1.4.

const sha256 = async (bytes: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));

const join = (...parts: Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export const leafHash = (leaf: Uint8Array) => sha256(join(new Uint8Array([0]), leaf));
export const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(join(new Uint8Array([1]), left, right));

export const equal = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, n) => byte === other[n]);

/** Standard base64 in its one canonical spelling; `undefined` for anything else. */
export function unbase64(text: string, size?: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  try {
    const binary = atob(text);
    if (btoa(binary) !== text) return undefined;
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    return size === undefined || bytes.length === size ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const odd = (n: number) => n % 2 === 1;
const half = (n: number) => Math.floor(n / 2);

/** Whether a leaf's hash is at `index` of the tree of `size` leaves with this root (RFC 9162 §2.1.3.2). */
export async function included(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: Uint8Array[],
  root: Uint8Array,
): Promise<boolean> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const node of proof) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      hash = await nodeHash(node, hash);
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else hash = await nodeHash(hash, node);
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(hash, root);
}

/** Whether the tree of `size` leaves begins with the tree of `oldSize` leaves (RFC 9162 §2.1.4.2). */
export async function consistent(
  oldSize: number,
  size: number,
  oldRoot: Uint8Array,
  root: Uint8Array,
  proof: Uint8Array[],
): Promise<boolean> {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(size) || oldSize <= 0 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && equal(oldRoot, root);
  const whole = Number.isInteger(Math.log2(oldSize));
  const path = whole ? [oldRoot, ...proof] : proof;
  const begin = path[0];
  if (!begin) return false;
  let fn = oldSize - 1;
  let sn = size - 1;
  while (odd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  let first = begin;
  let second = begin;
  for (const node of path.slice(1)) {
    if (sn === 0) return false;
    if (odd(fn) || fn === sn) {
      first = await nodeHash(node, first);
      second = await nodeHash(node, second);
      while (!odd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else second = await nodeHash(second, node);
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(first, oldRoot) && equal(second, root);
}
