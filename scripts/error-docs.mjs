import { readFile, writeFile } from 'node:fs/promises';
import { transform } from '@swc/core';

/**
 * Makes docs/errors.md from domain/error-catalogue.ts and what platforms say in words of their own. With --check nothing is written: it fails when the file is not up to date.
 * Needs no build.
 */
const source = new URL('../domain/error-catalogue.ts', import.meta.url);
const mailplusSource = new URL('../platforms/mailplus/refusal-catalogue.ts', import.meta.url);
const target = new URL('../docs/errors.md', import.meta.url);

/** What each recovery means for whoever meets the error, in the order of the page. */
const recoveries = {
  retry: ['Tried again by itself', 'Nothing is lost. What a platform answers with is tried again on the retry ladder (1 min, 5 min, 10 min, 1 h, 2 h, and so on); what concerns the hub itself, within seconds.'],
  rateLimited: ['Waits as long as the platform asks', 'Does not climb the ladder.'],
  unknownOutcome: ['Nobody knows whether it was stored', 'Values that were on their way are remembered; the hub compares before it sends again. Then as «tried again by itself». An act that must not be made twice waits for a person.'],
  rejected: ['This record only', 'It is listed by `hub failed list`; everything else goes on.'],
  configuration: ['An operator has to change something', 'The connector waits in the state `needsOperator`; nothing is dropped. Then `hub failed retry`.'],
  authorisation: ['The login is refused', 'As above, at once for all connectors with that login.'],
  refused: ['The request is refused', 'Nothing was changed.'],
  conflict: ['Somebody else has it', 'Nothing was changed.'],
  bug: ['A mistake of the hub', 'Please report it.'],
};

const cell = (text) => text.replaceAll('|', '\\|');

function part(recovery, [title, meaning], catalogue) {
  const rows = Object.entries(catalogue).filter(([, entry]) => entry.recovery === recovery);
  if (rows.length === 0) return [];
  return [
    '', `## ${title}`, '', meaning, '', '| code | HTTP | what happened | what to do |', '|---|---|---|---|',
    ...rows.map(([code, { httpStatus, cause, fix }]) => `| \`${code}\` | ${httpStatus} | ${cell(cause)} | ${cell(fix)} |`),
  ];
}

/** A module that imports nothing but types. */
async function load(file) {
  const { code } = await transform(await readFile(file, 'utf8'), { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } });
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
}

const actors = { nobody: 'nobody', operator: 'an operator of the hub', 'Mail+': 'who keeps Mail+', source: 'the source system', developer: 'the developers', Spotler: 'Spotler' };

function mailplusPart({ errorTypes, batchCodes, automationResults, situations }) {
  const rows = (table, name) => Object.entries(table).map(([key, { code, means, who, fix }]) => `| ${name(key)} | \`${code}\` | ${cell(means)} | ${actors[who]} | ${cell(fix)} |`);
  const head = (first) => ['', `| ${first} | code | what it means | who acts | what to do |`, '|---|---|---|---|---|'];
  const word = (key) => `\`${key}\``;
  return [
    '', '## What Spotler Mail+ says', '',
    'Mail+ has words of its own. They stand beside the hub\'s code (`platformCode` in the API) and decide before the status does.',
    ...head('error type'), ...rows(errorTypes, word),
    '', 'Of one contact of a batch:', ...head('code of Mail+'), ...rows(batchCodes, word),
    '', 'Of an automation that was to be started:', ...head('result'), ...rows(automationResults, word),
    '', 'Where no error type says it, the status does:', ...head('status'), ...rows(situations, (key) => key),
  ];
}

async function render() {
  const { catalogue } = await load(source);
  const unknown = Object.values(catalogue).find(({ recovery }) => !(recovery in recoveries));
  if (unknown !== undefined) throw new Error(`scripts/error-docs.mjs does not say what «${unknown.recovery}» means.`);
  return `${[
    '# Errors', '',
    'Every error of the hub has a stable code, the same in the API, the command line tool, the overview of failed things, the log and',
    'the Temporal UI. The column HTTP is the status when the gateway itself answers with it.', '',
    'This page is made from `domain/error-catalogue.ts` and `platforms/mailplus/refusal-catalogue.ts` by `node scripts/error-docs.mjs`; a\ntest checks that it is up to date.',
    ...Object.entries(recoveries).flatMap(([recovery, words]) => part(recovery, words, catalogue)),
    ...mailplusPart(await load(mailplusSource)),
  ].join('\n')}\n`;
}

const text = await render();
if (!process.argv.includes('--check')) await writeFile(target, text);
else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('docs/errors.md is not up to date. Run: node scripts/error-docs.mjs\n');
  process.exitCode = 1;
}
