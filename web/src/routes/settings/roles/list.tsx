// All roles: what each takes over, what it may do, with which dossiers, and how many have it.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '../../../api/queries';
import { draftOf, type Role } from '../../../lib/roles';
import { rowSentence, useRuleWords } from '../../../parts/rule-words';
import { isBuiltIn } from '../../../parts/roles';
import { Failed, Loading } from '../../../parts/states';
import '../../../styles/table.css';
import './roles.css';

export function RoleList() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const roles = useQuery(rolesQuery);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.roles')}</h1>
        <div className="actions">
          <Button type="primary" onClick={() => void navigate({ to: '/settings/roles/$id', params: { id: 'new' } })}>
            {t('roles.add')}
          </Button>
        </div>
      </header>
      {roles.isError ? (
        <div className="page-body">
          <Failed problem={roles.error} retry={() => void roles.refetch()} />
        </div>
      ) : !roles.data ? (
        <Loading />
      ) : (
        <div className="table-wrap" tabIndex={0} role="region" aria-label={t('nav.roles')}>
          <table className="table stacks">
            <thead>
              <tr>
                <th scope="col" style={{ paddingLeft: 24 }}>
                  {t('rule.name')}
                </th>
                <th scope="col">{t('roles.inherits')}</th>
                <th scope="col">{t('roles.may')}</th>
                <th scope="col">{t('roles.rows')}</th>
                <th scope="col" className="right">
                  {t('roles.holders')}
                </th>
                <th scope="col">
                  <span className="hear">{t('record.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {roles.data.items.map((role) => (
                <Row key={role.id} role={role} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Row({ role }: { role: Role }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const some = role.actions.slice(0, 3).map((one) => words.value('actions', one));
  const may =
    role.actions.length === 0
      ? t('roles.mayNothing')
      : role.actions.length > 3
        ? t('roles.mayShort', { some: some.join(t('state.between')), n: role.actions.length })
        : some.join(t('state.between'));
  return (
    <tr>
      <td style={{ paddingLeft: 24 }}>
        <span className="row">
          <Link className="role-link" to="/settings/roles/$id" params={{ id: role.id }}>
            {role.name}
            {isBuiltIn(role.name) && <span className="meta"> {t(`role.${role.name}`)}</span>}
          </Link>
          {role.built_in && <span className="tag">{t('roles.builtIn')}</span>}
        </span>
      </td>
      <td data-label={t('roles.inherits')} className="quiet">
        {role.inherits.join(t('state.between')) || '—'}
      </td>
      <td data-label={t('roles.may')} className="quiet">
        {may}
      </td>
      <td data-label={t('roles.rows')} className="quiet">
        <span className="cut rows-cut">{rowSentence(draftOf(role), words, t('state.between'), t)}</span>
      </td>
      <td data-label={t('roles.holders')} className="right">
        {role.holders}
      </td>
      <td className="right">
        <Link
          className="copy-link"
          to="/settings/roles/$id"
          params={{ id: 'new' }}
          search={{ from: role.id }}
          aria-label={t('roles.copyOf', { name: role.name })}
        >
          {t('roles.copy')}
        </Link>
      </td>
    </tr>
  );
}
