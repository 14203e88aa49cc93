import { describe, expect, it } from '@jest/globals';
import { formatFailedId, parseFailedId, type FailedId } from '../../../db/repositories/failed/failed-id.ts';

const ids: readonly FailedId[] = [
  { kind: 'delivery', connectorId: 'mailplus-1', dataType: 'contacts', recordId: 12, target: '' },
  { kind: 'delivery', connectorId: 'mailplus-1', dataType: 'contacts', recordId: 12, target: 'enc:a/b c%' },
  { kind: 'action', connectorId: 'coins-1', id: 7 },
  { kind: 'record', connectorId: 'coins-1', id: 8 },
  { kind: 'call', connectorId: 'coins-1', id: 9 },
  { kind: 'inbox', connectorId: 'coins-1', id: 10 },
  { kind: 'list', connectorId: 'coins-1', syncId: 'LS:1/2' },
];

describe('ids of failed things', () => {
  it('read back what they were made from, whatever is in a platform\'s own ids', () => {
    for (const id of ids) expect(parseFailedId(formatFailedId(id))).toEqual(id);
    expect(new Set(ids.map(formatFailedId)).size).toBe(ids.length);
  });

  it('are refused when they are none', () => {
    for (const text of ['', 'x', 'action', 'action:coins-1', 'action:coins-1:x', 'action::1', 'delivery:coins-1:contacts:1', 'delivery:coins-1:contacts:x:y', 'nosuch:coins-1:1', 'action:coins-1:99999999999999999999']) {
      expect(() => parseFailedId(text)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    }
  });
});
