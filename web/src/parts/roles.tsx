// Roles as people read them: built-in ones with what their letters stand for.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '../api/queries';

export const builtInRoles = ['CDO', 'CDA', 'CDE', 'CDU', 'ISA'] as const;

export const isBuiltIn = (name: string): name is (typeof builtInRoles)[number] =>
  (builtInRoles as readonly string[]).includes(name);

export function Roles({ of }: { of: string[] }) {
  const { t } = useTranslation();
  return (
    <span className="roles">
      {of.map((name, at) => (
        <span key={name}>
          {at > 0 && t('state.between')}
          {name}
          {isBuiltIn(name) && <span className="meta"> {t(`role.${name}`)}</span>}
        </span>
      ))}
    </span>
  );
}

/** Which roles somebody is given: at least one. */
export function ChooseRoles({ id, of, set }: { id: string; of: string[]; set: (roles: string[]) => void }) {
  const { t } = useTranslation();
  const roles = useQuery(rolesQuery);
  const names = roles.data?.items.map((role) => role.name) ?? [...builtInRoles];
  return (
    <Select
      id={id}
      aria-label={t('people.role')}
      mode="multiple"
      value={of}
      onChange={set}
      maxTagCount="responsive"
      options={names.map((name) => ({ value: name, label: isBuiltIn(name) ? `${name} ${t(`role.${name}`)}` : name }))}
    />
  );
}
