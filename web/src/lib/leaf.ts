// What a leaf of the ledger says, read from its own bytes (CBOR), so that what is proved is what is shown.

/** The numbers of what was done, as they stand on disk; a number that is not here is not compared. */
export const deeds: Record<number, string> = {
  1: 'sign_in',
  2: 'list',
  3: 'view',
  4: 'reveal',
  5: 'search',
  6: 'history',
  7: 'read_ledger',
  8: 'export',
  9: 'create',
  10: 'change',
  11: 'erase',
  12: 'import',
  13: 'user_add',
  14: 'client_add',
  15: 'team_add',
  16: 'key_rotate',
  17: 'key_renew',
  18: 'access_checkpoint',
  19: 'client_disable',
  21: 'count',
  22: 'read_access',
  23: 'read_keys',
  24: 'looks',
  25: 'verify',
  26: 'quality',
  27: 'copy',
  28: 'detokenise',
  30: 'import_upload',
  31: 'import_change',
  32: 'import_undo',
  33: 'import_look',
  40: 'search_rebuild',
  50: 'sign_out',
  51: 'session_end',
  52: 'password_change',
  53: 'totp_change',
  54: 'set_up_link',
  55: 'set_up',
  56: 'user_change',
  57: 'view_change',
  58: 'own_session',
  59: 'own_look',
  60: 'watermark',
  61: 'role_add',
  62: 'role_change',
  63: 'role_remove',
  64: 'team_change',
  70: 'passkey_add',
  71: 'passkey_change',
  72: 'passkey_remove',
  73: 'proof_give',
  80: 'key_recovery',
  81: 'read_set_up',
  90: 'approval_ask',
  91: 'approval_decide',
  92: 'approval_end',
  93: 'approval_look',
  94: 'flow_change',
  100: 'grant_begin',
  101: 'grant_end',
  102: 'grant_look',
  110: 'oauth_authorize',
  111: 'oauth_token',
  112: 'oauth_refresh',
  113: 'oauth_revoke',
  114: 'oauth_introspect',
  115: 'oauth_withdraw',
  116: 'oauth_decline',
  130: 'explain',
  131: 'explain_who',
  120: 'user_leave',
  121: 'hand_over',
  122: 'hand_over_look',
  123: 'group_change',
};

export interface Leaf {
  at: bigint;
  who: string;
  action: number;
  outcome: number;
  address: string | null;
  request: string | null;
  code: string | null;
}

class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('short');
    return byte;
  }

  private size(info: number): bigint {
    if (info < 24) return BigInt(info);
    if (info > 27) throw new Error('size');
    let value = 0n;
    for (let n = 0; n < 1 << (info - 24); n += 1) value = (value << 8n) | BigInt(this.byte());
    return value;
  }

  value(): unknown {
    const head = this.byte();
    const info = head & 31;
    switch (head >> 5) {
      case 0:
        return this.size(info);
      case 1:
        return -1n - this.size(info);
      case 2:
      case 3: {
        const size = Number(this.size(info));
        if (this.at + size > this.bytes.length) throw new Error('short');
        const part = this.bytes.slice(this.at, this.at + size);
        this.at += size;
        return head >> 5 === 2 ? part : new TextDecoder('utf-8', { fatal: true }).decode(part);
      }
      case 4:
        return Array.from({ length: Number(this.size(info)) }, () => this.value());
      case 5: {
        const map = new Map<unknown, unknown>();
        for (let n = Number(this.size(info)); n > 0; n -= 1) {
          const key = this.value();
          map.set(typeof key === 'bigint' ? Number(key) : key, this.value());
        }
        return map;
      }
      default:
        if (head === 0xf6) return null;
        if (head === 0xf4 || head === 0xf5) return head === 0xf5;
        throw new Error('kind');
    }
  }

  done(): boolean {
    return this.at === this.bytes.length;
  }
}

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** Sixteen bytes as a TypeID. */
export function typeId(prefix: string, bytes: Uint8Array): string {
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = '';
  for (let n = 0; n < 26; n += 1) {
    text = (letters[Number(value & 31n)] ?? '') + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

/** Who it was: a person or program by id, or the text of what has none. */
function whoOf(who: unknown): string {
  const [type, id] = who as [bigint, unknown];
  if (id instanceof Uint8Array) return typeId(type === 2n ? 'cli' : 'usr', id);
  return String(id);
}

/** A leaf of format 1; `undefined` for bytes that are none. */
export function readLeaf(bytes: Uint8Array): Leaf | undefined {
  try {
    const reader = new Reader(bytes);
    const map = reader.value();
    if (!(map instanceof Map) || !reader.done() || map.get(0) !== 1n) return undefined;
    const from = map.get(3) as unknown[] | undefined;
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      at: map.get(1) as bigint,
      who: whoOf(map.get(2)),
      action: Number(map.get(4)),
      outcome: Number(map.get(5)),
      address: text(from?.[0]),
      request: text(from?.[2]),
      code: text(map.get(8)),
    };
  } catch {
    return undefined;
  }
}

/** Microseconds of an RFC 3339 time. */
export function micros(iso: string): bigint {
  const [whole = '', rest = ''] = iso.replace(/Z$/, '').split('.');
  return BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(rest.padEnd(6, '0').slice(0, 6) || '0');
}
