import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { dataTypes } from '../../domain/presets/data-types.ts';
import { onboardingSteps } from '../../domain/presets/onboarding.ts';
import { presetIds, presetOf } from '../../domain/presets/presets.ts';
import { parseOnboardingPage } from './presets/onboarding-page.ts';

const copyPath = fileURLToPath(new URL('../fixtures/seeds/onboarding-presets.txt', import.meta.url));
const seedsPath = fileURLToPath(new URL('../../../shared/seeds/', import.meta.url));

/** The document as it was given, beside the checkout; `undefined` in a checkout on its own. */
function givenDocument(): string | undefined {
  const name = existsSync(seedsPath) ? readdirSync(seedsPath).find((file) => file.startsWith('002_')) : undefined;
  return name === undefined ? undefined : readFileSync(`${seedsPath}/${name}`, 'utf8');
}

const copy = readFileSync(copyPath, 'utf8');
const given = givenDocument();
const page = parseOnboardingPage(given ?? copy, presetIds.map((id) => presetOf(id).title));

describe('the presets, compared with the onboarding page', () => {
  it('has a copy that equals the page word for word', () => {
    expect(copy).toBe(given ?? copy);
    expect(copy.length).toBeGreaterThan(6_000);
  });

  it('are the eight of the page, in its order', () => {
    expect(page.presets.map(({ title }) => title)).toEqual(presetIds.map((id) => presetOf(id).title));
    expect(presetIds).toHaveLength(8);
  });

  it.each(presetIds.map((id, index) => [presetOf(id).title, id, index] as const))('has every cell of %s', (_title, id, index) => {
    const section = page.presets[index];
    expect(Object.keys(section?.cells ?? {}).sort()).toEqual([...dataTypes].sort());
    for (const dataType of dataTypes) {
      const { flows, footnotes } = presetOf(id);
      const marked = footnotes.some((note) => note.dataTypes.includes(dataType));
      const markOf = (flow: string) => marked && flow !== 'no';
      const { import: taken, export: sent } = flows[dataType];
      expect([dataType, section?.cells[dataType]]).toEqual([dataType, {
        import: { flow: taken, marked: markOf(taken) },
        export: { flow: sent, marked: markOf(sent) },
      }]);
    }
  });

  it.each(presetIds.map((id, index) => [presetOf(id).title, id, index] as const))('has every lookback, footnote and note of %s', (_title, id, index) => {
    const { lookbacks, footnotes, notes, about } = presetOf(id);
    const section = page.presets[index];
    expect(section?.lookbacks).toEqual(lookbacks);
    expect(section?.footnotes).toEqual(footnotes.map(({ text }) => text));
    expect(section?.notes).toEqual(notes);
    expect(section?.about).toEqual(about);
  });

  it('has the steps of the order of connectors', () => {
    expect(page.steps).toEqual(onboardingSteps.map(({ number, title }) => ({ number, title })));
  });

  it('leaves no line of the page unread', () => {
    expect(page.unread).toEqual([]);
  });
});
