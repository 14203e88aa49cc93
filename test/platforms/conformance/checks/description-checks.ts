import { expect } from '@jest/globals';
import { connectorClasses } from '../../../../domain/presets/connector-classes.ts';
import { dataTypes } from '../../../../domain/presets/data-types.ts';
import { presets } from '../../../../domain/presets/presets.ts';
import type { PlatformHarness } from '../harness.ts';
import { check, type Check } from './check.ts';

/** What a platform says of itself. */
export function descriptionChecks({ platform, inbound, settings: needed = {}, neverCalled }: PlatformHarness): readonly Check[] {
  const { description } = platform;
  return [
    check('has a name, a title and a class that the onboarding knows', () => {
      expect(description.id).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(description.title).not.toBe('');
      expect(connectorClasses).toContain(description.class);
    }),
    check('offers presets that are there and fit its class', () => {
      expect(description.presets.length).toBeGreaterThan(0);
      for (const id of description.presets) expect(presets[id].platformClasses).toContain(description.class);
    }),
    check('gives a direction for each of the eight data types', () => {
      expect(Object.keys(description.directions).toSorted()).toEqual([...dataTypes].toSorted());
    }),
    check('says why where one of its presets asks for more than it has', () => {
      const silent = description.presets.flatMap((id) => dataTypes.filter((dataType) => {
        const flows = presets[id].flows[dataType];
        const has = description.directions[dataType];
        const lacks = (flows.import === 'yes' && !has.import) || (flows.export === 'yes' && !has.export);
        return lacks && (has.note ?? '') === '';
      }));
      expect(silent).toEqual([]);
    }),
    check('has streams with names of their own, a primary key, a cursor field and a page size', () => {
      const names = description.streams.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const stream of description.streams) {
        expect([stream.name, stream.primaryKey, stream.cursorField]).not.toContain('');
        expect(stream.pageSize).toBeGreaterThan(0);
        expect(stream.pulled || stream.backfilled).toBe(true);
        expect(description.directions[stream.dataType].import).toBe(true);
      }
    }),
    check('can do what its directions and streams say', () => {
      expect(platform.readPage !== undefined && platform.readRecords !== undefined).toBe(description.streams.length > 0);
      expect((platform.project === undefined) === (platform.deliver === undefined)).toBe(true);
      expect((platform.act === undefined) === (platform.actionKinds === undefined)).toBe(true);
      expect((platform.receive === undefined) === (platform.readInbox === undefined)).toBe(true);
      expect(inbound === undefined).toBe(platform.receive === undefined);
      const exports = dataTypes.filter((dataType) => description.directions[dataType].export);
      if (exports.length > 0) expect(platform.deliver !== undefined || platform.act !== undefined).toBe(true);
      const imports = dataTypes.filter((dataType) => description.directions[dataType].import);
      for (const dataType of imports) {
        expect(platform.receive !== undefined || description.streams.some((stream) => stream.dataType === dataType)).toBe(true);
      }
    }),
    check('needs no setting but the base URL and those that its harness names, and keeps settings the same when they are stored and read', () => {
      const settings = description.settings.parse({ ...needed, baseUrl: 'https://api.platform.example/base/' });
      expect(settings).toMatchObject({ baseUrl: 'https://api.platform.example/base', optInStrategy: 'both' });
      expect(settings.timeZone).toMatch(/^[A-Z][A-Za-z]+\/[A-Za-z_]+$|^UTC$/);
      expect(description.settings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    }),
    check('refuses a setting that it does not know, and a base URL that carries a login or a query', () => {
      const isTaken = (settings: object): boolean => description.settings.safeParse({ ...needed, baseUrl: 'https://api.platform.example', ...settings }).success;
      expect(isTaken({ colour: 'blue' })).toBe(false);
      for (const baseUrl of ['https://user:word@api.platform.example', 'https://api.platform.example?key=1', 'ftp://api.platform.example', 'api.platform.example', ...(neverCalled === true ? [] : [''])]) {
        expect(isTaken({ baseUrl })).toBe(false);
      }
      expect(isTaken({ timeZone: 'Mars/Olympus' })).toBe(false);
      expect(isTaken({ optInStrategy: 'sometimes' })).toBe(false);
    }),
    check('asks for the credentials that its schema takes, each by its name, and for no others', () => {
      const all = Object.fromEntries(description.credentialNames.map((name) => [name, 'given']));
      expect(description.credentials.safeParse(all).success).toBe(true);
      expect(description.credentials.safeParse({ ...all, other: 'given' }).success).toBe(false);
      for (const name of description.credentialNames) {
        const { [name]: _left, ...others } = all;
        expect(description.credentials.safeParse(others).success).toBe(description.optionalCredentials?.includes(name) === true);
        expect(description.credentials.safeParse({ ...all, [name]: '' }).success).toBe(false);
      }
    }),
    check('names limits: calls a second and records a call', () => {
      expect(description.callsPerSecond).toBeGreaterThan(0);
      expect(Number.isInteger(description.deliveryBatchSize) && description.deliveryBatchSize > 0).toBe(true);
    }),
  ];
}
