import { z } from 'zod';
import type { Bench } from '../bench.ts';

const addedSchema = z.object({ sourceToken: z.string().optional() });

/** The API of a hub. */
export interface HubApi {
  call(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** Adds a Mail+ and a Coins connector as a person would. Returns the token with which Coins sends. */
export async function addConnectors(bench: Pick<Bench, 'mailplus' | 'coins'>, api: HubApi): Promise<string> {
  await api.call('POST', '/connectors', {
    id: 'mailplus-1', platform: 'mailplus', preset: 'marketing-automation', settings: { baseUrl: bench.mailplus.url }, credentials: { key: 'sandbox-key', secret: 'sandbox-secret' },
  });
  const added = await api.call('POST', '/connectors', { id: 'coins-1', platform: 'coins', preset: 'crm', settings: { baseUrl: bench.coins.url }, credentials: { apiToken: 'coins-sandbox-token' } });
  const { sourceToken } = addedSchema.parse(added);
  if (sourceToken === undefined) throw new Error('The Coins connector has no source token.');
  return sourceToken;
}
