// 我的 on a phone: what the avatar's menu holds, and the parts that have no tab of their own.
import DesktopOutlined from '@ant-design/icons/DesktopOutlined';
import LogoutOutlined from '@ant-design/icons/LogoutOutlined';
import RightOutlined from '@ant-design/icons/RightOutlined';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { Roles } from '../../parts/roles';
import { useMay, useSession } from '../../session/store';
import { initial, leave, Preferences } from '../avatar';
import { permitted } from '../nav';
import '../home.css';

export function Me() {
  const { t } = useTranslation();
  const { user } = useSession();
  const may = useMay();
  const places = permitted(may)
    .flatMap((part) => part.items)
    .filter((item) => !['/', '/dossiers'].includes(item.to));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.me')}</h1>
      </header>
      <div className="page-body narrow stack">
        <div className="row" style={{ gap: 12 }}>
          <span className="face" aria-hidden="true" style={{ width: 44, height: 44, fontSize: 16 }}>
            {initial(user.name)}
          </span>
          <div>
            <h2>{user.name}</h2>
            <p className="meta">
              <Roles of={user.roles} /> · {user.team}
            </p>
          </div>
        </div>
        <ul className="starts">
          {places.map((item) => (
            <li key={item.to}>
              <Link to={item.to}>
                <Icon of={item.icon} />
                <span className="grow">{t(item.name)}</span>
                <RightOutlined aria-hidden="true" />
              </Link>
            </li>
          ))}
          <li>
            <Link to="/me/security">
              <DesktopOutlined aria-hidden="true" />
              <span className="grow">{t('me.security')}</span>
              <RightOutlined aria-hidden="true" />
            </Link>
          </li>
        </ul>
        <div className="menu" style={{ border: '1px solid var(--line)', borderRadius: 8 }}>
          <Preferences />
        </div>
        <button type="button" className="plain do-out" onClick={leave}>
          <LogoutOutlined /> {t('me.signOut')}
        </button>
      </div>
    </div>
  );
}
