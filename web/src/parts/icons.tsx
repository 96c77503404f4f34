import ApiOutlined from '@ant-design/icons/ApiOutlined';
import ApartmentOutlined from '@ant-design/icons/ApartmentOutlined';
import AuditOutlined from '@ant-design/icons/AuditOutlined';
import CheckSquareOutlined from '@ant-design/icons/CheckSquareOutlined';
import ContactsOutlined from '@ant-design/icons/ContactsOutlined';
import DashboardOutlined from '@ant-design/icons/DashboardOutlined';
import FieldTimeOutlined from '@ant-design/icons/FieldTimeOutlined';
import HomeOutlined from '@ant-design/icons/HomeOutlined';
import ImportOutlined from '@ant-design/icons/ImportOutlined';
import KeyOutlined from '@ant-design/icons/KeyOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import ProfileOutlined from '@ant-design/icons/ProfileOutlined';
import SafetyCertificateOutlined from '@ant-design/icons/SafetyCertificateOutlined';
import SearchOutlined from '@ant-design/icons/SearchOutlined';
import TeamOutlined from '@ant-design/icons/TeamOutlined';
import UserOutlined from '@ant-design/icons/UserOutlined';

const icons = {
  home: HomeOutlined,
  approvals: CheckSquareOutlined,
  grants: FieldTimeOutlined,
  dossiers: ContactsOutlined,
  imports: ImportOutlined,
  quality: DashboardOutlined,
  ledger: AuditOutlined,
  people: UserOutlined,
  roles: SafetyCertificateOutlined,
  teams: TeamOutlined,
  programs: ApiOutlined,
  flows: ApartmentOutlined,
  kinds: ProfileOutlined,
  keys: KeyOutlined,
  me: UserOutlined,
  find: SearchOutlined,
  new: PlusOutlined,
};

export type IconName = keyof typeof icons;

export function Icon({ of }: { of: IconName }) {
  const One = icons[of];
  return <One aria-hidden="true" />;
}
