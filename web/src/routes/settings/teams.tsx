// Teams as a tree: names, what each is part of and who leads its people, edited where they stand.
import TeamOutlined from '@ant-design/icons/TeamOutlined';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { teamsQuery } from '../../api/queries';
import { treeOf, type Branch, type Team } from '../../lib/team-tree';
import { Empty, Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useUnsaved } from '../../session/store';
import { EditTeam } from './team-edit';
import './teams.css';

export function TeamsPage() {
  const { t } = useTranslation();
  const teams = useQuery(teamsQuery);
  const all = teams.data?.items ?? [];
  const own = all.filter((team) => team.id !== 'default');
  const fallback = all.find((team) => team.id === 'default');
  const [name, setName] = useState('');
  const [editing, setEditing] = useState<string>();
  useUnsaved(name !== '');
  const add = useMutation({
    mutationFn: () => ask(api.POST('/v1/teams', { body: { name: name.trim() } })),
    onSuccess: (team) => {
      setName('');
      toast(t('teams.added'));
      // It is put where it belongs at once, where there is something to put it below.
      if (own.length > 0) setEditing(team.id);
      void teams.refetch();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) add.mutate();
  };
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.teams')}</h1>
      </header>
      <div className="page-body narrow">
        <form className="row" onSubmit={send}>
          <Input
            aria-label={t('teams.name')}
            placeholder={t('teams.name')}
            autoComplete="off"
            maxLength={64}
            value={name}
            onChange={(event) => setName(event.target.value)}
            style={{ maxWidth: 320 }}
          />
          <Button type="primary" htmlType="submit" loading={add.isPending} disabled={!name.trim()}>
            {t('teams.add')}
          </Button>
        </form>
        <Wrong problem={add.error} />
        {teams.isError ? (
          <Failed problem={teams.error} retry={() => void teams.refetch()} />
        ) : !teams.data ? (
          <Loading />
        ) : (
          <div className="team-tree">
            {own.length === 0 ? (
              <Empty art={<TeamOutlined style={{ fontSize: 32 }} />} title={t('teams.none')}>
                {t('teams.noneText')}
              </Empty>
            ) : (
              <Tree of={treeOf(own)} all={own} editing={editing} edit={setEditing} name={t('teams.tree')} />
            )}
            {fallback && (
              <p className="team default">
                <b>{t('people.defaultTeam')}</b>
                <span className="meta">{t('teams.defaultText')}</span>
              </p>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

interface TreeProps {
  of: Branch[];
  all: Team[];
  editing: string | undefined;
  edit: (id: string | undefined) => void;
  name?: string;
}

function Tree({ of, all, editing, edit, name }: TreeProps) {
  const { t } = useTranslation();
  return (
    <ul aria-label={name}>
      {of.map(({ team, below }) => (
        <li key={team.id}>
          {editing === team.id ? (
            <EditTeam team={team} all={all} close={() => edit(undefined)} />
          ) : (
            <div className="team">
              <b>{team.name}</b>
              {team.lead && <span className="quiet">{t('teams.leadOf', { name: team.lead })}</span>}
              <code className="meta">{team.id}</code>
              <Button
                size="small"
                type="text"
                aria-label={t('teams.editOf', { name: team.name })}
                onClick={() => edit(team.id)}
              >
                {t('teams.edit')}
              </Button>
            </div>
          )}
          {below.length > 0 && <Tree of={below} all={all} editing={editing} edit={edit} />}
        </li>
      ))}
    </ul>
  );
}
