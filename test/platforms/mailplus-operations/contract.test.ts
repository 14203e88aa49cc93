import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { errorTypes, batchCodes, automationResults } from '../../../platforms/mailplus/refusal-catalogue.ts';
import { operations } from '../../../platforms/mailplus/operations/index.ts';
import type { Operation } from '../../../platforms/mailplus/operations/define.ts';
import { asListed, operationsOfContract } from './contract-page.ts';

const copyPath = fileURLToPath(new URL('../../fixtures/mailplus-operations.txt', import.meta.url));
const contractPath = fileURLToPath(new URL('../../../../shared/reference/mailplus-api.md', import.meta.url));
/** The contract as it was given, beside the checkout; `undefined` in a checkout on its own. */
const contract = existsSync(contractPath) ? readFileSync(contractPath, 'utf8') : undefined;
const listed = readFileSync(copyPath, 'utf8').trim().split('\n');
const all: readonly Operation[] = Object.values(operations);

describe('the list of operations, compared with the contract', () => {
  it('is compared with what the contract says now', () => {
    expect(contract === undefined ? listed : operationsOfContract(contract)).toEqual(listed);
  });

  it('reads the forms in which the contract names operations', () => {
    const page = [
      '', '## 3. Methods', '| `GET /a/{id}/x` \\| `y` QP `z` | 200 |', '| `GET /a/{id}/p/{q}`, `/r/{q}` QP `after` |', '`GET /b/c` | `d`', '([LV] calls `PUT /e`, a client bug.)',
      'Same set under `/f/{g}` (`h`, details (no query parameters), `i/{j}`) with QP `after`', '| `POST /k/{code uuid}` | 200 |', '', '## 4. Semantics', '`GET /not/this`',
    ].join('\n');
    expect(operationsOfContract(page)).toEqual(['GET /a/{}/p/{}', 'GET /a/{}/r/{}', 'GET /a/{}/x', 'GET /a/{}/y', 'GET /b/c', 'GET /b/d', 'GET /f/{}', 'GET /f/{}/h', 'GET /f/{}/i/{}', 'POST /k/{}']);
  });

  it('has the 65 operations of the Swagger, the one that clients know, and two whose paths are assumed', () => {
    const by = (evidence: Operation['evidence']) => [...new Set(all.filter((one) => one.evidence === evidence).map((one) => asListed(one.method, one.path)))].sort();
    expect(by('swagger')).toHaveLength(65);
    expect(by('clients')).toEqual(['PUT /contact/inactivate/{}']);
    expect(by('assumed')).toEqual(['GET /automation/list', 'POST /automation/{}/stop']);
    expect([...by('swagger'), ...by('clients')].sort()).toEqual(listed);
  });

  it('has each under its own name, with what it is for', () => {
    for (const [name, one] of Object.entries(operations)) expect([name, one.about]).toEqual([one.name, expect.stringMatching(/^[a-z].{10,110}[^.]$/)]);
  });

  it('names as not to be repeated what a person would receive or be counted for twice', () => {
    expect(all.filter((one) => !one.idempotent).map(({ name }) => name)).toEqual(['campaign.trigger', 'automation.trigger', 'form.submit', 'conversion.insert']);
    expect(all.filter((one) => !one.changes && one.method !== 'GET').map(({ name }) => name)).toEqual(['form.prefill']);
  });
});

describe('the catalogue of what Mail+ says, compared with the contract', () => {
  const enumOf = (name: string): string[] => [...(new RegExp(`^${name} *=.*(?:\\n  '.*)*`, 'm').exec(contract ?? '')?.[0] ?? '').matchAll(/'([A-Z_]+)'/g)].map(([, word = '']) => word);

  it('has the twenty error types and the codes of a batch', () => {
    expect(Object.keys(errorTypes)).toHaveLength(20);
    if (contract === undefined) return;
    expect(enumOf('ErrorType').sort()).toEqual(Object.keys(errorTypes).sort());
    expect(enumOf('ContactResponseCode').filter((word) => word !== 'OK').sort()).toEqual(Object.keys(batchCodes).sort());
  });

  it('has every reason for which no automation is started', () => {
    const words = ['UNKNOWN', 'TRIGGER_NOTFOUND', 'CONTACT_NOTFOUND', 'NOT_TRIGGERED', 'AUTOMATION_INACTIVE', 'PARTICIPATION_LIMIT_REACHED'];
    for (const word of words) expect(Object.keys({ ...errorTypes, ...automationResults })).toContain(word);
  });
});
