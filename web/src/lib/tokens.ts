// The page's colours and measures, once: antd's theme and our own style sheets both take them from here. The defaults of
// antd fail WCAG AA on white, so everything that carries text is set by hand; tests/contrast.test.ts measures the pairs.

export type Theme = 'light' | 'dark';
export type Density = 'roomy' | 'normal' | 'tight';

export const rowHeight: Record<Density, number> = { roomy: 48, normal: 40, tight: 32 };

const chinese = '"PingFang SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC"';

/** Chinese faces first for Chinese; for English those of the system, so that quotation marks keep their width. */
export const fontFamily = (language: 'zh' | 'en'): string =>
  language === 'en'
    ? `-apple-system,"Segoe UI",Roboto,"Noto Sans",${chinese},system-ui,sans-serif`
    : `${chinese},system-ui,-apple-system,"Segoe UI",sans-serif`;

const light = {
  page: '#F6F7F9',
  surface: '#FFFFFF',
  raised: '#FFFFFF',
  sunken: '#F6F7F9',
  hover: '#F1F3F6',
  active: '#E9F0FF',
  line: '#E4E7EC',
  lineStrong: '#8C8C8C',
  text: '#1B1F27',
  text2: '#4A515E',
  text3: '#666E7B',
  placeholder: '#6B6B6B',
  primary: '#1D4FD7',
  primaryHover: '#2F5FE0',
  primaryBg: '#E9F0FF',
  onPrimary: '#FFFFFF',
  link: '#1D4FD7',
  linkHover: '#0E34B0',
  error: '#CF1322',
  errorBg: '#FFF1F0',
  success: '#237804',
  successBg: '#F6FFED',
  warning: '#AD4E00',
  warningBg: '#FFF7E6',
  l1: '#595F69',
  l1Bg: '#F1F2F4',
  l2: '#00474F',
  l2Bg: '#E6FFFB',
  l3: '#873800',
  l3Bg: '#FFF7E6',
  l4: '#780650',
  l4Bg: '#FFF0F6',
};

const dark: typeof light = {
  page: '#101216',
  surface: '#16191F',
  raised: '#1E222A',
  sunken: '#101216',
  hover: '#20242C',
  active: '#1A2338',
  line: '#2A2F38',
  lineStrong: '#757575',
  text: '#E7EAF0',
  text2: '#B4BAC6',
  text3: '#9AA1AE',
  placeholder: '#8D939E',
  primary: '#85A5FF',
  primaryHover: '#A9BFFF',
  primaryBg: '#1A2338',
  onPrimary: '#0A1230',
  link: '#85A5FF',
  linkHover: '#A9BFFF',
  error: '#FF7875',
  errorBg: '#2A1618',
  success: '#6ABE39',
  successBg: '#15210F',
  warning: '#E8B339',
  warningBg: '#2A2111',
  l1: '#B4BAC6',
  l1Bg: '#252A33',
  l2: '#5CDBD3',
  l2Bg: '#112A2C',
  l3: '#FFC069',
  l3Bg: '#2E2113',
  l4: '#FF85C0',
  l4Bg: '#301523',
};

export type Palette = typeof light;
export const palettes: Record<Theme, Palette> = { light, dark };

/** Pairs of text and ground that have to reach 4.5:1, for the test. */
export const textPairs: [keyof Palette, keyof Palette][] = [
  ['text', 'surface'],
  ['text', 'hover'],
  ['text2', 'surface'],
  ['text2', 'page'],
  ['text2', 'hover'],
  ['text3', 'surface'],
  ['text3', 'page'],
  ['text3', 'hover'],
  ['text3', 'active'],
  ['placeholder', 'surface'],
  ['link', 'surface'],
  ['link', 'page'],
  ['link', 'active'],
  ['linkHover', 'surface'],
  ['error', 'surface'],
  ['error', 'errorBg'],
  ['success', 'surface'],
  ['success', 'successBg'],
  ['warning', 'surface'],
  ['warning', 'warningBg'],
  ['onPrimary', 'primary'],
  ['onPrimary', 'primaryHover'],
  ['l1', 'l1Bg'],
  ['l2', 'l2Bg'],
  ['l3', 'l3Bg'],
  ['l4', 'l4Bg'],
];

const kebab = (name: string) => name.replace(/[A-Z0-9]/g, (letter) => `-${letter.toLowerCase()}`);

/** Puts the palette and the height of rows on the document, where the style sheets read them. */
export function applyTokens(theme: Theme, density: Density, language: 'zh' | 'en'): void {
  const root = document.documentElement;
  for (const [name, value] of Object.entries(palettes[theme])) root.style.setProperty(`--${kebab(name)}`, value);
  root.style.setProperty('--row', `${rowHeight[density]}px`);
  root.style.setProperty('--font', fontFamily(language));
  root.style.colorScheme = theme;
  root.dataset.theme = theme;
  root.dataset.density = density;
}
