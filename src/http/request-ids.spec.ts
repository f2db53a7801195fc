import { expect, it } from '@jest/globals';
import { newRequestId } from './request-ids.ts';

it('are UUIDs of version 4, and no two are the same', () => {
  const ids = Array.from({ length: 1_000 }, newRequestId);
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(ids.filter((id) => !uuid.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
