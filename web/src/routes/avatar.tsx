import DesktopOutlined from '@ant-design/icons/DesktopOutlined';
import LogoutOutlined from '@ant-design/icons/LogoutOutlined';
import QuestionCircleOutlined from '@ant-design/icons/QuestionCircleOutlined';
import ReadOutlined from '@ant-design/icons/ReadOutlined';
import { Link } from '@tanstack/react-router';
import { Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeSettings, useSettings } from '../lib/settings';
import { toast } from '../parts/toasts';
import { say } from '../words';
import { signOut, useSession } from '../session/store';

export function Choose<T extends string>({
  name,
  value,
  of,
  change,
}: {
  name: string;
  value: T;
  of: [T, string][];
  change: (value: T) => void;
}) {
  return (
    <div className="group">
      <span className="quiet">{name}</span>
      <span className="choose" role="group" aria-label={name}>
        {of.map(([key, text]) => (
          <button key={key} type="button" aria-pressed={key === value} onClick={() => change(key)}>
            {text}
          </button>
        ))}
      </span>
    </div>
  );
}

export function Preferences() {
  const { t } = useTranslation();
  const { language, theme, density } = useSettings();
  return (
    <>
      <Choose
        name={t('me.language')}
        value={language}
        of={[
          ['zh', '中文'],
          ['en', 'English'],
        ]}
        change={(language) => changeSettings({ language })}
      />
      <Choose
        name={t('me.theme')}
        value={theme}
        of={[
          ['light', t('me.light')],
          ['dark', t('me.dark')],
          ['system', t('me.system')],
        ]}
        change={(theme) => changeSettings({ theme })}
      />
      <Choose
        name={t('me.density')}
        value={density}
        of={[
          ['roomy', t('me.roomy')],
          ['normal', t('me.normal')],
          ['tight', t('me.tight')],
        ]}
        change={(density) => changeSettings({ density })}
      />
    </>
  );
}

export const initial = (name: string): string =>
  Array.from(name.replace(/^.*[.@]/, '') || name)
    .at(0)
    ?.toUpperCase() ?? '';

export const leave = () => void signOut().catch(() => toast(say('state.network')));

export function AvatarMenu({ help }: { help: () => void }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="topLeft"
      arrow={false}
      styles={{ container: { padding: 4 } }}
      content={
        <div className="menu" role="dialog" aria-label={t('me.menu')}>
          <Preferences />
          <div className="line" />
          <Link className="do" to="/me/security" onClick={close}>
            <DesktopOutlined /> {t('me.security')}
          </Link>
          <button
            type="button"
            className="do plain"
            onClick={() => {
              close();
              help();
            }}
          >
            <QuestionCircleOutlined /> {t('me.keys')}
          </button>
          <a className="do" href="/docs" target="_blank" rel="noreferrer">
            <ReadOutlined /> {t('me.docs')}
          </a>
          <div className="line" />
          <button type="button" className="do plain" onClick={leave}>
            <LogoutOutlined /> {t('me.signOut')}
          </button>
        </div>
      }
    >
      <button type="button" className="me plain" aria-haspopup="dialog" aria-expanded={open}>
        <span className="face" aria-hidden="true">
          {initial(user.name)}
        </span>
        <span className="who grow">
          <b>{user.name}</b>
          <span>
            {user.roles.join(t('state.between'))} · {user.team}
          </span>
        </span>
      </button>
    </Popover>
  );
}
