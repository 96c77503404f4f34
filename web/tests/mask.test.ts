import { expect, test } from 'vitest';
import { maskSpoken } from '../src/lib/mask';

test('of a mask the end of the value is said and nothing else', () => {
  expect(maskSpoken('154****0001')).toBe('0 0 0 1');
  expect(maskSpoken('*************123X')).toBe('1 2 3 X');
  for (const mask of [
    '****',
    '韩**',
    'a***@example.com',
    '#0123456789abcdef',
    'tok_AbC1',
    '+8673519482610',
    '10万–50万 JPY',
  ]) {
    expect(maskSpoken(mask)).toBe('');
  }
});
