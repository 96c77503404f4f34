import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ConfigProvider } from 'antd';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from './api/queries';
import { useSettings } from './lib/settings';
import { themeOf } from './lib/theme';
import { applyTokens, type Theme } from './lib/tokens';
import { router } from './router';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const onDark = (listener: () => void) => {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
};

export function useTheme(): Theme {
  const { theme } = useSettings();
  const system = useSyncExternalStore(onDark, () => dark.matches);
  return theme === 'system' ? (system ? 'dark' : 'light') : theme;
}

export function App() {
  const { density } = useSettings();
  const theme = useTheme();
  const { t } = useTranslation();
  const config = useMemo(() => themeOf(theme, density), [theme, density]);
  useEffect(() => applyTokens(theme, density), [theme, density]);
  return (
    <ConfigProvider
      theme={config}
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
