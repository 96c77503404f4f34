// Other roles or another team for somebody. Who loses a role or moves is signed out, and that is said before.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people, type Person } from '../../api/people';
import { Problem } from '../../api/problem';
import { rolesQuery, teamsQuery } from '../../api/queries';
import { tellWaits, waits } from '../../lib/waits';
import { ChooseRoles } from '../../parts/roles';
import { teamName } from '../../parts/rule-words';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useSession, useUnsaved } from '../../session/store';

export function ChangePerson({ person, close }: { person: Person; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { user } = useSession();
  const teams = useQuery(teamsQuery);
  const [roles, setRoles] = useState(person.roles);
  const [team, setTeam] = useState(person.team);
  const lost = person.roles.filter((name) => !roles.includes(name));
  const given = roles.filter((name) => !person.roles.includes(name));
  const moves = team !== person.team;
  const changed = lost.length + given.length > 0 || moves;
  useUnsaved(changed);
  const reload = () => {
    void client.invalidateQueries({ queryKey: ['people'] });
    // How many have a role is told with the roles.
    void client.invalidateQueries({ queryKey: rolesQuery.queryKey });
  };
  const back = () =>
    void people.change(person.id, { roles: person.roles, team: person.team }).then(
      (now) => {
        if (waits(now)) {
          tellWaits(now);
          return;
        }
        toast(t('people.back', { name: person.name }));
        reload();
      },
      (problem: unknown) =>
        toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network')),
    );
  const save = useMutation({
    mutationFn: () =>
      people.change(person.id, { ...(lost.length + given.length > 0 ? { roles } : {}), ...(moves ? { team } : {}) }),
    onSuccess: (now) => {
      if (waits(now)) {
        tellWaits(now);
        close();
        return;
      }
      toast(t('people.changed', { name: person.name }), back);
      reload();
      close();
    },
  });
  return (
    <Modal
      open
      title={t('people.changeOf', { name: person.name })}
      onCancel={close}
      okText={t('do.save')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !changed || roles.length === 0, loading: save.isPending }}
      onOk={() => save.mutate()}
      width={440}
    >
      <div className="stack">
        <div className="field">
          <label htmlFor="change-roles">{t('people.role')}</label>
          <ChooseRoles id="change-roles" of={roles} set={setRoles} />
        </div>
        <div className="field">
          <label htmlFor="change-team">{t('filter.team')}</label>
          <Select
            id="change-team"
            aria-label={t('filter.team')}
            value={team}
            onChange={setTeam}
            showSearch={{ optionFilterProp: 'label' }}
            options={(teams.data?.items ?? [{ name: team }]).map((one) => ({
              value: one.name,
              label: teamName(one.name, t),
            }))}
          />
        </div>
        {(lost.length > 0 || moves) && (
          <p className="notice warn" role="status">
            {person.id === user.id ? t('people.selfOut') : t('people.willBeOut', { name: person.name })}
          </p>
        )}
        <Wrong problem={save.error} />
      </div>
    </Modal>
  );
}
