// Passkeys: what the server asks of an authenticator goes to the browser, and its answer comes back, both as JSON
// (WebAuthn level 3, §5.1). Browsers that cannot translate that themselves are many yet.

type Json = Record<string, unknown>;

const bytes = (text: string): ArrayBuffer =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0)).buffer;
const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** Where people open the page, as the server was told; empty where passkeys are off. */
export const home = (): string => {
  const said = document.querySelector<HTMLMetaElement>('meta[name=dossier-origin]')?.content ?? '';
  return said.startsWith('http') ? said : '';
};

/** Whether a passkey can be used on this page, else why not. */
export function passkeys(): 'here' | 'off' | 'elsewhere' | 'unsupported' {
  if (!home()) return 'off';
  if (home() !== window.location.origin) return 'elsewhere';
  return 'PublicKeyCredential' in window && 'credentials' in navigator ? 'here' : 'unsupported';
}

/** The authenticator gave no answer: somebody said no, or nobody said anything in time. */
export class NoAnswer extends Error {
  /** Whether it has a passkey of this person already. */
  readonly there: boolean;

  constructor(error: unknown) {
    super('no answer');
    this.there = error instanceof DOMException && error.name === 'InvalidStateError';
  }
}

async function answered(asked: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const answer = await asked.catch((error: unknown) => {
    throw new NoAnswer(error);
  });
  if (!answer) throw new NoAnswer(undefined);
  return answer as PublicKeyCredential;
}

const common = (credential: PublicKeyCredential): Json => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  clientExtensionResults: {},
});

/** Has a passkey made. */
export async function make(options: Json): Promise<Json> {
  const { challenge, user, excludeCredentials, ...rest } = options as {
    challenge: string;
    user: { id: string };
    excludeCredentials?: { id: string }[];
  };
  const publicKey = {
    ...rest,
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: (excludeCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) })),
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = await answered(navigator.credentials.create({ publicKey }));
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    ...common(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
    },
  };
}

/** Has a passkey answer, whichever somebody chooses. */
export async function answer(options: Json): Promise<Json> {
  const { challenge, ...rest } = options as { challenge: string };
  const publicKey = { ...rest, challenge: bytes(challenge), allowCredentials: [] } as PublicKeyCredentialRequestOptions;
  const credential = await answered(navigator.credentials.get({ publicKey }));
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    ...common(credential),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}
