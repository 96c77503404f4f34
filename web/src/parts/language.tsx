import { changeSettings, useSettings } from '../lib/settings';

/** Each language names itself. */
export function LanguageSwitch() {
  const { language } = useSettings();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <button type="button" className="plain" lang={other} onClick={() => changeSettings({ language: other })}>
      <span style={{ color: 'var(--link)' }}>{other === 'en' ? 'English' : '简体中文'}</span>
    </button>
  );
}
