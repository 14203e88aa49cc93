import { describe, expect, it } from '@jest/globals';
import { cleanWords } from '../../platforms/platform-words.ts';

describe('What a platform says of a record', () => {
  it('is kept without addresses, numbers and the values that were sent', () => {
    const said = 'Ann Hill <ann@hill.example> of Oak Lane (1) can not be called on +44 7700 900123';
    expect(cleanWords(said, ['Ann Hill', 'OAK LANE (1)', null, true, undefined, 7])).toBe('<value> <e-mail> of <value> can not be called on <number>');
  });

  it('is left alone where it names nobody', () => {
    expect(cleanWords('surname is too long', ['Hill', 'ur'])).toBe('surname is too long');
  });

  it('takes the longest value first, and values as text and not as patterns', () => {
    expect(cleanWords('Hillside .* and Hill', ['Hill', 'Hillside .*'])).toBe('<value> and <value>');
  });

  it('is one line of at most 200 characters', () => {
    expect(cleanWords(`a\n\tb ${'x'.repeat(300)}`)).toHaveLength(200);
    expect(cleanWords(' a\n\tb ')).toBe('a b');
  });
});
