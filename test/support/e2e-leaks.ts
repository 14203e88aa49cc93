import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WireProspect } from '../../sandbox/coins/index.ts';
import type { E2eWorld } from './e2e-world.ts';

/** What must be in no history and no log. */
export interface Forbidden {
  /** Words of names; those of four letters or more count. */
  readonly names: Iterable<string>;
  /** Tokens, keys, passwords; whole. */
  readonly secrets: Iterable<string>;
}

/** Something forbidden that was found. */
export interface Leak {
  /** The workflow, or which log. */
  readonly where: string;
  readonly what: string;
}

/** An e-mail address under the domains of invented people; the part before the @ may have any letters. */
const address = /[^\s"'<>@\\]+@[^\s"'<>@\\]+\.(?:example|test)/giu;
/** The phone range that is kept free for fiction, in the spellings of the data set. */
const phone = /(?:\+?44\D{0,3}|\b0)7700\D?900\D?\d{3}/g;
/** British postcodes of the data set. */
const postcode = /\b[A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}\b/g;
/** Letters in which nothing but names is written. */
const farLetters = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;
const word = /[\p{L}\p{M}]{4,}/gu;

/** Whoever is in these texts by name, address, phone or secret. */
export function leaksIn(texts: ReadonlyMap<string, string>, { names, secrets }: Forbidden): readonly Leak[] {
  const nameWords = new Set([...names].flatMap((name) => name.normalize('NFC').match(word) ?? []));
  const needles = [...new Set(secrets)].filter((secret) => secret !== '');
  return [...texts].flatMap(([where, text]) => {
    const plain = text.normalize('NFC');
    const found = [address, phone, postcode, farLetters].flatMap((form) => plain.match(form) ?? []);
    const named = (plain.match(word) ?? []).filter((one) => nameWords.has(one));
    const secret = needles.filter((needle) => plain.includes(needle)).map((needle) => `a secret (${needle.slice(0, 8)}…)`);
    return [...new Set([...found, ...named, ...secret])].map((what) => ({ where, what }));
  });
}

/**
 * Whatever of these people, and of the secrets of a world, its workflows and the log of its hub hold. Names are those of people; addresses,
 * phones, keys and passwords are found by themselves. Errors: Error when hardly anything was recorded that could hold something.
 */
export async function leaksOf({ hub, secrets }: E2eWorld, names: Iterable<string>, tokens: readonly string[]): Promise<readonly Leak[]> {
  const texts = new Map([...await recordedTexts(hub.client), ['the log of the hub', hub.log()] as const]);
  const decodedInputs = [...texts.values()].filter((text) => text.includes(String.raw`\"connectorId\":\"mailplus-1\"`));
  if (decodedInputs.length < 5) throw new Error(`Only ${decodedInputs.length} of ${texts.size} recorded texts hold the input of a workflow.`);
  const keys = (await readFile(join(hub.homeDirectory, 'secret-keys'), 'utf8')).split('\n').map((line) => line.slice(line.indexOf(':') + 1));
  const { password } = new URL(hub.place.databaseUrl);
  return leaksIn(texts, { names, secrets: [...secrets, ...keys, ...tokens, password, await hub.adminToken()] });
}

/** The words of the names on prospect cards, their streets and towns. */
export function namesOf(cards: readonly WireProspect[]): readonly string[] {
  return cards.flatMap(({ forename, surname, address: place }) => [forename, surname, ...(typeof place === 'object' && place !== null ? Object.values(place) : [])].filter((text): text is string => typeof text === 'string'));
}

/**
 * Every workflow of a namespace with its whole history and what it shows of itself, and every Schedule, as text: JSON with all
 * payloads decoded. By workflow and run id.
 */
export async function recordedTexts(client: Client): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const { workflowId, runId, status, memo, searchAttributes } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
    const shown = status.name === 'RUNNING' ? await handle.query('__temporal_workflow_metadata').catch(() => 'no answer') : undefined;
    texts.set(`${workflowId} ${runId}`, JSON.stringify([history, decodedParts(history), memo, searchAttributes, shown]));
  }
  for await (const { scheduleId } of client.schedule.list()) {
    const { action, memo, state } = await client.schedule.getHandle(scheduleId).describe();
    texts.set(`schedule ${scheduleId}`, JSON.stringify([scheduleId, action, memo, state]));
  }
  return texts;
}

/** The decoded bytes of every payload in a history: texts under the name `data`, and any other text that reads as base64. */
function decodedParts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(decodedParts);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' && value.length >= 8 && /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? [decoded(value)] : [];
  return Object.entries(value).flatMap(([name, part]) => (name === 'data' && typeof part === 'string' ? [decoded(part)] : decodedParts(part)));
}

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
