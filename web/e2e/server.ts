// Starts the real program with made-up customers in a folder of its own, and ends it. `DOSSIER_URL` and `DOSSIER_PASSWORD`
// name one that runs already.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const port = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const at = probe.address();
      probe.close(() => resolve(typeof at === 'object' && at ? at.port : 0));
    });
  });

export const binary =
  process.env.DOSSIER_BIN ?? join(new URL('.', import.meta.url).pathname, '../../target/debug/dossier');

/** Starts the program and waits until it listens: where, and what it said. */
export async function serve(before: string[], after: string[], environment: Record<string, string>) {
  const url = `http://127.0.0.1:${await port()}`;
  const program = spawn(binary, [...before, 'serve', ...after, '--listen', url.slice(7)], {
    env: { ...process.env, ...environment },
  });
  let said = '';
  program.stdout.on('data', (text: Buffer) => (said += text.toString()));
  program.stderr.on('data', (text: Buffer) => (said += text.toString()));
  for (let tries = 0; !said.includes('listening on'); tries += 1) {
    if (tries > 240 || program.exitCode !== null) throw new Error(`the server did not start:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return { program, url, said };
}

export default async function start() {
  if (process.env.DOSSIER_URL) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'dossier-web-'));
  const { program, url, said } = await serve(['--data', join(folder, 'data')], ['--demo'], {
    DOSSIER__KEYS__KEYSTORE: join(folder, 'keystore'),
    DOSSIER__LIMITS__REVEALS_PER_HOUR: '1000',
    DOSSIER__SIGN_IN__SESSIONS_PER_PERSON: '100',
    // Whoever is invited here as a seller goes on with the password alone; what is asked of others, passkeys.spec.ts tries.
    DOSSIER__SIGN_IN__SECOND_FACTOR_EXEMPT: 'CDE',
  });
  process.env.DOSSIER_URL = url;
  process.env.DOSSIER_PASSWORD = /^password: (\S+)$/m.exec(said)?.[1] ?? '';
  return async () => {
    const ended = new Promise((resolve) => program.once('exit', resolve));
    program.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  };
}
