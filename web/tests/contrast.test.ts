import { expect, test } from 'vitest';
import { palettes, textPairs } from '../src/lib/tokens';

const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const light = (hex: string) => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one: string, other: string) => {
  const [a, b] = [light(one), light(other)].sort((x, y) => y - x) as [number, number];
  return (a + 0.05) / (b + 0.05);
};

for (const theme of ['light', 'dark'] as const)
  test(`text reaches 4.5:1 on its ground, ${theme}`, () => {
    const weak = textPairs.filter(([text, ground]) => ratio(palettes[theme][text], palettes[theme][ground]) < 4.5);
    expect(weak.map(([t, g]) => `${t} on ${g}: ${ratio(palettes[theme][t], palettes[theme][g]).toFixed(2)}`)).toEqual(
      [],
    );
    expect(ratio(palettes[theme].lineStrong, palettes[theme].surface)).toBeGreaterThanOrEqual(3);
  });
