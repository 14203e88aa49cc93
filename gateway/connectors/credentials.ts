import { z } from 'zod';
import type { SecretBox } from '../../activities/dependencies.ts';
import type { ConnectorRow } from '../../db/repositories/connectors.ts';
import { credentialsContext } from './platform-context.ts';

const stored = z.record(z.string(), z.string());

/** Credentials as they are stored: the ciphertext, and a keyed hash by which connectors with one login share its limits. */
export interface SealedCredentials {
  readonly sealed: string;
  readonly key: string;
}

/** Seals credentials for one connector. */
export function sealCredentials(secrets: SecretBox, connector: { readonly id: string; readonly platform: string; readonly baseUrl: string }, credentials: Readonly<Record<string, string>>): SealedCredentials {
  const sorted = Object.entries(credentials).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    sealed: secrets.seal(JSON.stringify(credentials), credentialsContext(connector.id)),
    key: secrets.fingerprint(JSON.stringify([connector.platform, connector.baseUrl, sorted])),
  };
}

/** The credentials of a stored connector. Throws SECRET_UNREADABLE. */
export function openCredentials(secrets: SecretBox, row: Pick<ConnectorRow, 'id' | 'credentials'>): Readonly<Record<string, string>> {
  return stored.parse(JSON.parse(secrets.open(row.credentials, credentialsContext(row.id))));
}
