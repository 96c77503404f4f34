import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import ApiOutlined from '@ant-design/icons/ApiOutlined';
import { api, ask } from '../../api/client';
import { programsQuery, teamsQuery } from '../../api/queries';
import type { components } from '../../api/schema';
import { When } from '../../parts/marks';
import { ChooseRoles, Roles } from '../../parts/roles';
import { teamName } from '../../parts/rule-words';
import { Empty, Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useUnsaved } from '../../session/store';
import '../../styles/table.css';

type NewClient = components['schemas']['NewClient'];
type Client = components['schemas']['Client'];

export function Programs() {
  const { t } = useTranslation();
  const list = useQuery(programsQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewClient>();
  const [ending, setEnding] = useState<Client>();
  const items = list.data?.items ?? [];
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.programs')}</h1>
        <div className="actions">
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('programs.add')}
          </Button>
        </div>
      </header>
      {list.isError ? (
        <div className="page-body">
          <Failed problem={list.error} retry={() => void list.refetch()} />
        </div>
      ) : !list.data ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty art={<ApiOutlined style={{ fontSize: 32 }} />} title={t('programs.none')}>
          {t('programs.noneText')}
        </Empty>
      ) : (
        <div className="table-wrap" tabIndex={0} role="region" aria-label={t('nav.programs')}>
          <table className="table stacks">
            <thead>
              <tr>
                <th scope="col" style={{ paddingLeft: 24 }}>
                  {t('people.name')}
                </th>
                <th scope="col">{t('programs.id')}</th>
                <th scope="col">{t('people.role')}</th>
                <th scope="col">{t('filter.team')}</th>
                <th scope="col">{t('people.state')}</th>
                <th scope="col">{t('programs.created')}</th>
                <th scope="col">
                  <span className="hear">{t('record.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.client_id}>
                  <td style={{ paddingLeft: 24 }}>{one.name}</td>
                  <td data-label={t('programs.id')}>
                    <code>{one.client_id}</code>
                  </td>
                  <td data-label={t('people.role')}>
                    <Roles of={one.roles} />
                  </td>
                  <td data-label={t('filter.team')}>{teamName(one.team, t)}</td>
                  <td data-label={t('people.state')}>
                    <span className={`tag ${one.disabled ? 'bad' : 'good'}`}>
                      <i className="dot" aria-hidden="true" />
                      {t(one.disabled ? 'people.disabled' : 'people.active')}
                    </span>
                  </td>
                  <td data-label={t('programs.created')} className="quiet">
                    <When at={one.created_at} />
                  </td>
                  <td className="right">
                    {!one.disabled && (
                      <Button size="small" type="text" onClick={() => setEnding(one)}>
                        {t('people.disable')}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && (
        <Add
          close={() => setAdding(false)}
          done={(one) => {
            setAdding(false);
            setMade(one);
            void list.refetch();
          }}
        />
      )}
      {made && (
        <Modal
          open
          title={t('programs.made', { name: made.name })}
          footer={null}
          onCancel={() => setMade(undefined)}
          width={560}
        >
          <p className="quiet" style={{ marginBottom: 12 }}>
            {t('programs.once')}
          </p>
          <dl className="facts-list">
            <div>
              <dt>client_id</dt>
              <dd>
                <code>{made.client_id}</code>
              </dd>
            </div>
            <div>
              <dt>client_secret</dt>
              <dd>
                <code>{made.client_secret}</code>
              </dd>
            </div>
          </dl>
        </Modal>
      )}
      {ending && <End client={ending} close={() => setEnding(undefined)} />}
    </div>
  );
}

function End({ client, close }: { client: Client; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => ask(api.DELETE('/v1/clients/{id}', { params: { path: { id: client.client_id } } })),
    onSuccess: () => {
      toast(t('people.done'));
      void queries.invalidateQueries({ queryKey: ['programs'] });
      close();
    },
  });
  return (
    <Modal
      open
      title={t('programs.end', { name: client.name })}
      onCancel={close}
      okText={t('programs.endDo')}
      cancelText={t('do.cancel')}
      okButtonProps={{ danger: true, loading: end.isPending }}
      onOk={() => end.mutate()}
      width={440}
    >
      <p>{t('programs.endText')}</p>
      <Wrong problem={end.error} />
    </Modal>
  );
}

function Add({ close, done }: { close: () => void; done: (made: NewClient) => void }) {
  const { t } = useTranslation();
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState('');
  const [roles, setRoles] = useState(['CDU']);
  const [team, setTeam] = useState<string>();
  useUnsaved(name !== '');
  const add = useMutation({
    mutationFn: () => ask(api.POST('/v1/clients', { body: { name: name.trim(), roles, ...(team ? { team } : {}) } })),
    onSuccess: done,
  });
  return (
    <Modal
      open
      title={t('programs.add')}
      onCancel={close}
      okText={t('programs.addDo')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !name.trim() || roles.length === 0, loading: add.isPending }}
      onOk={() => add.mutate()}
      width={440}
    >
      <div className="stack">
        <div className="field">
          <label htmlFor="program-name">{t('people.name')}</label>
          <Input
            id="program-name"
            autoFocus
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="program-role">{t('people.role')}</label>
          <ChooseRoles id="program-role" of={roles} set={setRoles} />
        </div>
        <div className="field">
          <label htmlFor="program-team">{t('filter.team')}</label>
          <Select
            id="program-team"
            aria-label={t('filter.team')}
            allowClear
            placeholder={t('people.defaultTeam')}
            value={team}
            onChange={setTeam}
            options={(teams.data?.items ?? []).map((one) => ({ value: one.name, label: teamName(one.name, t) }))}
          />
        </div>
        <Wrong problem={add.error} />
      </div>
    </Modal>
  );
}
