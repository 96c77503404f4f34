// The words people read: for each language one file with those of the first screens, and one (`more`) that comes with the
// first screen after them. Only the language in use is loaded.
import i18next from 'i18next';
import { lazy, type ComponentType } from 'react';
import { initReactI18next } from 'react-i18next';
import { onSettings, settings } from '../lib/settings';

type Language = 'zh' | 'en';
const files = {
  first: { zh: () => import('./zh.json'), en: () => import('./en.json') },
  more: { zh: () => import('./zh.more.json'), en: () => import('./en.more.json') },
};
type Part = keyof typeof files;

/** What is loaded, or on its way, in every language that is used. */
const parts: Part[] = ['first'];
const loaded = new Map<string, Promise<void>>();

function load(language: Language, part: Part): Promise<void> {
  const key = `${language} ${part}`;
  let one = loaded.get(key);
  if (!one) {
    one = files[part][language]().then((words) => {
      i18next.addResourceBundle(language, 'translation', words.default, true);
    });
    // What did not come is asked for again.
    one.catch(() => loaded.delete(key));
    loaded.set(key, one);
  }
  return one;
}

async function show(language: Language): Promise<void> {
  await Promise.all(parts.map((part) => load(language, part)));
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export async function startWords(): Promise<void> {
  const { language } = settings();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await show(language);
  onSettings(() => void show(settings().language));
}

/** The code of a later screen, once its words are there too. */
export async function withWords<Code>(code: Promise<Code>): Promise<Code> {
  if (!parts.includes('more')) parts.push('more');
  const [loadedCode] = await Promise.all([code, load(settings().language, 'more')]);
  return loadedCode;
}

/** A component of a screen that is loaded only when it is shown. */
export const later = <Props extends object>(code: () => Promise<ComponentType<Props>>) =>
  lazy(() => withWords(code()).then((component) => ({ default: component })));

/** For what is not a component; components use `useTranslation`, which draws again when the language changes. */
export const say = (key: string, values?: Record<string, unknown>): string => i18next.t(key, values ?? {});
export const language = (): Language => (i18next.language === 'en' ? 'en' : 'zh');
