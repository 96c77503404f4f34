import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from './api/queries';
import { nonce } from './lib/policy';
import { useSettings } from './lib/settings';
import { themeOf } from './lib/theme';
import { applyTokens, type Theme } from './lib/tokens';
import { router } from './router';

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

const useMatch = (query: MediaQueryList): boolean =>
  useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => query.matches,
  );

export function useTheme(): Theme {
  const { theme } = useSettings();
  const system = useMatch(dark);
  return theme === 'system' ? (system ? 'dark' : 'light') : theme;
}

export function App() {
  const { density, language } = useSettings();
  const theme = useTheme();
  const still = useMatch(calm);
  const { t } = useTranslation();
  const config = useMemo(() => themeOf(theme, density, language, !still), [theme, density, language, still]);
  useEffect(() => applyTokens(theme, density, language), [theme, density, language]);
  return (
    <ConfigProvider
      theme={config}
      locale={language === 'zh' ? zhCN : enUS}
      csp={{ nonce }}
      button={{ autoInsertSpace: false }}
      renderEmpty={() => <span className="quiet">{t('state.nothing')}</span>}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <p className="print-only">{t('print.none')}</p>
      </QueryClientProvider>
    </ConfigProvider>
  );
}
