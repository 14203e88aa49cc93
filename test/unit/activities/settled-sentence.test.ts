import { describe, expect, it } from '@jest/globals';
import { retriedSentence, skippedSentence } from '../../../activities/settled-sentence.ts';

const none = { delivery: 0, action: 0, record: 0, call: 0, inbox: 0, list: 0 };
const nothingLeft = { record: 0, list: 0, action: 0 };

describe('the answer to a retry', () => {
  it('counts what is tried again', () => {
    expect(retriedSentence({ retried: { ...none, delivery: 1, call: 2 }, left: nothingLeft, waitEnded: true })).toBe('The wait is ended. Tried again: 1 delivery, 2 failed calls.');
    expect(retriedSentence({ retried: none, left: nothingLeft, waitEnded: true })).toBe('The wait is ended. What waited is tried again.');
    expect(retriedSentence({ retried: none, left: nothingLeft, waitEnded: false })).toBe('There is nothing to try again.');
  });

  it('says that the source has to send rejected records and list syncs again', () => {
    const one = retriedSentence({ retried: none, left: { record: 1, list: 0, action: 0 }, waitEnded: false });
    expect(one).toBe('There is nothing to try again. 1 rejected record cannot be tried again from here: the source has to send it again, corrected (or set aside with `hub failed skip`).');
    expect(retriedSentence({ retried: none, left: { record: 13, list: 2, action: 0 }, waitEnded: false })).toMatch(/13 rejected records .* send them again.* 2 list syncs .* the missing pages/);
  });
});

describe('the answer to a skip', () => {
  it('counts what is set aside, or says that there is nothing', () => {
    expect(skippedSentence({ ...none, record: 2, list: 1 })).toBe('Set aside: 2 rejected records, 1 list sync.');
    expect(skippedSentence(none)).toBe('There is nothing to set aside.');
  });
});
