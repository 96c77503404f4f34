// Who has a role: people and programs, given it themselves or one that takes it over. Whoever is disabled does not count.
import ApiOutlined from '@ant-design/icons/ApiOutlined';
import UserOutlined from '@ant-design/icons/UserOutlined';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { peopleQuery, programsQuery } from '../../../api/queries';
import { heirs, type Role } from '../../../lib/roles';
import { teamName } from '../../../parts/rule-words';
import { Empty, Failed, Loading } from '../../../parts/states';

export function MembersPart({ role, roles }: { role: Role; roles: Role[] }) {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery);
  const programs = useQuery(programsQuery);
  const ways = [role.name, ...heirs(role.name, roles)];
  const failed = people.error ?? programs.error;
  if (failed)
    return (
      <div className="rule-body">
        <Failed problem={failed} retry={() => void Promise.all([people.refetch(), programs.refetch()])} />
      </div>
    );
  if (!people.data || !programs.data) return <Loading />;
  const has = (one: { disabled: boolean; roles: string[] }) =>
    !one.disabled && one.roles.some((name) => ways.includes(name));
  const members = [
    ...people.data.items.filter(has).map((one) => ({ ...one, key: one.id, what: 'person' as const })),
    ...programs.data.items.filter(has).map((one) => ({ ...one, key: one.client_id, what: 'program' as const })),
  ];
  if (members.length === 0)
    return (
      <Empty art={<UserOutlined style={{ fontSize: 32 }} />} title={t('roles.noHolders')}>
        {t('roles.noHoldersText')}
      </Empty>
    );
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={t('rolePart.members')}>
      <table className="table stacks">
        <thead>
          <tr>
            <th scope="col" style={{ paddingLeft: 24 }}>
              {t('people.name')}
            </th>
            <th scope="col">{t('kinds.type')}</th>
            <th scope="col">{t('filter.team')}</th>
            <th scope="col">{t('people.role')}</th>
          </tr>
        </thead>
        <tbody>
          {members.map((one) => (
            <tr key={one.key}>
              <td style={{ paddingLeft: 24 }}>{one.name}</td>
              <td data-label={t('kinds.type')} className="quiet">
                <span className="row">
                  {one.what === 'person' ? <UserOutlined /> : <ApiOutlined />} {t(`roles.${one.what}`)}
                </span>
              </td>
              <td data-label={t('filter.team')} className="quiet">
                {teamName(one.team, t)}
              </td>
              <td data-label={t('people.role')} className="quiet">
                {one.roles.includes(role.name)
                  ? t('roles.direct')
                  : t('roles.through', {
                      role: one.roles.filter((name) => ways.includes(name)).join(t('state.between')),
                    })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
