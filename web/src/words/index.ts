// The words people read, one file for each language; only the one in use is loaded.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { onSettings, settings } from '../lib/settings';

const files = { zh: () => import('./zh.json'), en: () => import('./en.json') };

async function use(language: 'zh' | 'en'): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', (await files[language]()).default);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

export async function startWords(): Promise<void> {
  const { language } = settings();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: (await files[language]()).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  onSettings(() => void use(settings().language));
}

/** For what is not a component; components use `useTranslation`, which draws again when the language changes. */
export const say = (key: string, values?: Record<string, unknown>): string => i18next.t(key, values ?? {});
export const language = (): 'zh' | 'en' => (i18next.language === 'en' ? 'en' : 'zh');
