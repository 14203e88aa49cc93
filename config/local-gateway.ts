import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const schema = z.object({ url: z.url(), token: z.string().min(1) });

/** How commands on this machine reach the gateway: its address, and a token of an admin. */
export type LocalGateway = z.infer<typeof schema>;

/** Tells commands beside this hub where its gateway is: `<home>/gateway.json`, mode 600, written whole or not at all. */
export async function writeLocalGateway(homeDirectory: string, gateway: LocalGateway): Promise<void> {
  await mkdir(homeDirectory, { recursive: true });
  const file = fileIn(homeDirectory);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${JSON.stringify(gateway, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
}

/** What `writeLocalGateway` wrote last; undefined when there is no such file or it is none of ours. */
export async function readLocalGateway(homeDirectory: string): Promise<LocalGateway | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(fileIn(homeDirectory), 'utf8')));
  } catch {
    return undefined;
  }
}

function fileIn(homeDirectory: string): string {
  return path.join(homeDirectory, 'gateway.json');
}
