import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readLocalGateway } from '../config/local-gateway.ts';
import { RefusedError, UsageError } from './errors.ts';
import type { CliIo } from './io.ts';

/** Where the gateway is and who asks. */
export interface GatewayAddress {
  readonly url: string;
  readonly token: string;
}

/** What a person may say about it on the command line. */
export interface AddressOptions {
  readonly url?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/**
 * Finds the gateway: `--url` or `HUB_URL` with `--token-file` or `HUB_TOKEN`, else the hub that runs on this machine. The token of
 * this machine's hub is never sent to another address. Throws UsageError.
 */
export async function findGateway(io: CliIo, options: AddressOptions): Promise<GatewayAddress> {
  const { environment } = io;
  const local = await readLocalGateway(environment.homeDirectory);
  const url = (options.url ?? environment.url ?? local?.url)?.replace(/\/+$/, '');
  if (url === undefined) throw new UsageError('No hub was found: none runs on this machine, and HUB_URL is not set.', 'Start one with `npm start`, or set HUB_URL and HUB_TOKEN.');
  if (!URL.canParse(url)) throw new UsageError(`«${url}» is no address of a hub.`, 'Give one as http://127.0.0.1:8080.');
  const token = await tokenFrom(options.tokenFile) ?? environment.token ?? (url === local?.url ? local.token : undefined);
  if (token === undefined) throw new UsageError(`There is no token for ${url}.`, 'Set HUB_TOKEN, or give a file with `--token-file`; an admin makes one with `hub token create`.');
  return { url, token };
}

async function tokenFrom(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    throw new UsageError(`The token file ${file} cannot be read.`, 'Give a file that holds the token and nothing else.');
  }
}

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string(), cause: z.string(), fix: z.string(), field: z.string().optional() }) });
const timeoutMs = 60_000;

/** Calls of the REST API. Each throws RefusedError in the words of the catalogue when the answer is not 2xx. */
export interface GatewayClient {
  readonly url: string;
  get<Answer>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<Answer>;
  send<Answer>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer>;
}

/** A client of the gateway at an address. Paths are those below `/api/v1`. */
export function gatewayClient({ url, token }: GatewayAddress): GatewayClient {
  const call = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await reach(url, () => fetch(`${url}/api/v1${path}`, { method, headers, signal: AbortSignal.timeout(timeoutMs), ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer as Answer;
    throw refusal(url, response.status, answer);
  };
  return {
    url,
    get: (path, query = {}) => call('GET', path + queryText(query)),
    send: (method, path, body) => call(method, path, body),
  };
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

async function reach(url: string, call: () => Promise<Response>): Promise<Response> {
  try {
    return await call();
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    throw new RefusedError({
      code: 'GATEWAY_UNREACHABLE',
      message: late ? `The hub at ${url} did not answer within ${timeoutMs / 1000} s.` : `The hub at ${url} cannot be reached.`,
      cause: 'The gateway does not run, or not at this address.',
      fix: 'Start it with `npm start`, or correct HUB_URL; `hub doctor` tells what is missing.',
    });
  }
}

function refusal(url: string, status: number, answer: unknown): RefusedError {
  const parsed = errorSchema.safeParse(answer);
  if (!parsed.success) {
    return new RefusedError({ code: 'GATEWAY_UNREACHABLE', message: `${url} answered with status ${status} and not as a hub does.`, cause: 'Another program listens at this address.', fix: 'Correct HUB_URL.' });
  }
  const { field, ...error } = parsed.data.error;
  return new RefusedError({ ...error, ...(field === undefined ? {} : { field }) });
}

/** A path with ids in it, escaped. */
export function at(parts: TemplateStringsArray, ...ids: readonly (string | number)[]): string {
  return String.raw({ raw: parts }, ...ids.map((id) => encodeURIComponent(id)));
}
