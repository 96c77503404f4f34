import { theme as antd, type ThemeConfig } from 'antd';
import { fontFamily, palettes, rowHeight, type Density, type Theme } from './tokens';

/** antd's theme from the page's tokens. */
export function themeOf(theme: Theme, density: Density, language: 'zh' | 'en', motion: boolean): ThemeConfig {
  const c = palettes[theme];
  const dark = theme === 'dark';
  return {
    algorithm: dark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    hashed: false,
    token: {
      fontFamily: fontFamily(language),
      fontSize: 14,
      borderRadius: 6,
      controlHeight: density === 'tight' ? 28 : 32,
      motion,
      motionDurationFast: '0.1s',
      motionDurationMid: '0.1s',
      motionDurationSlow: '0.2s',
      colorPrimary: c.primary,
      colorInfo: c.primary,
      colorLink: c.link,
      colorLinkHover: c.linkHover,
      colorPrimaryHover: c.primaryHover,
      colorPrimaryBg: c.primaryBg,
      colorError: c.error,
      colorSuccess: c.success,
      colorWarning: c.warning,
      ...(dark ? {} : { colorErrorBg: c.errorBg, colorSuccessBg: c.successBg, colorWarningBg: c.warningBg }),
      colorText: c.text,
      colorTextSecondary: c.text2,
      colorTextTertiary: c.text3,
      colorTextDescription: c.text3,
      colorTextPlaceholder: c.placeholder,
      colorTextDisabled: c.text3,
      colorBorder: c.lineStrong,
      colorBorderSecondary: c.line,
      colorSplit: c.line,
      colorBgContainer: c.surface,
      colorBgElevated: c.raised,
      colorBgLayout: c.page,
      colorTextLightSolid: c.onPrimary,
      colorBgMask: dark ? 'rgb(0 0 0 / 0.55)' : 'rgb(16 24 40 / 0.32)',
      boxShadow: '0 8px 24px rgb(16 24 40 / 0.14), 0 1px 3px rgb(16 24 40 / 0.1)',
      boxShadowSecondary: '0 8px 24px rgb(16 24 40 / 0.14), 0 1px 3px rgb(16 24 40 / 0.1)',
    },
    components: {
      Button: {
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        fontWeight: 400,
        primaryColor: c.onPrimary,
        dangerColor: dark ? '#2A0A0C' : '#FFFFFF',
        defaultBorderColor: dark ? '#4A505B' : '#C9CED6',
      },
      Tooltip: { colorTextLightSolid: '#FFFFFF', colorBgSpotlight: dark ? '#3A404B' : '#22262E' },
      Select: { optionHeight: Math.max(32, rowHeight[density] - 8) },
      Modal: { titleFontSize: 16 },
    },
  };
}
