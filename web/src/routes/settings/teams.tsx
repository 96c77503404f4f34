import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { teamsQuery } from '../../api/queries';
import { Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useUnsaved } from '../../session/store';

export function TeamsPage() {
  const { t } = useTranslation();
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState('');
  useUnsaved(name !== '');
  const add = useMutation({
    mutationFn: () => ask(api.POST('/v1/teams', { body: { name: name.trim() } })),
    onSuccess: () => {
      setName('');
      toast(t('teams.added'));
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
          <dl className="facts-list" style={{ marginTop: 24 }}>
            {teams.data.items.map((team) => (
              <div key={team.id} style={{ gridTemplateColumns: '1fr auto' }}>
                <dt style={{ color: 'var(--text)' }}>{team.name}</dt>
                <dd className="meta">
                  <code>{team.id}</code>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </div>
  );
}
