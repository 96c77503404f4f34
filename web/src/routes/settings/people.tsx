import SafetyCertificateOutlined from '@ant-design/icons/SafetyCertificateOutlined';
import LinkOutlined from '@ant-design/icons/LinkOutlined';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Popover, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people, type Person } from '../../api/people';
import { Problem } from '../../api/problem';
import { peopleQuery, teamsQuery } from '../../api/queries';
import { tellWaits, waits } from '../../lib/waits';
import { When } from '../../parts/marks';
import { ChooseRoles, Roles } from '../../parts/roles';
import { teamName } from '../../parts/rule-words';
import { Failed, Loading, Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useSession, useUnsaved } from '../../session/store';
import { ChangePerson } from './person-change';
import '../../styles/table.css';

export function People() {
  const { t } = useTranslation();
  const list = useQuery(peopleQuery);
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<{ name: string; path: string }>();
  const [changing, setChanging] = useState<Person>();
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.people')}</h1>
        <div className="actions">
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('people.add')}
          </Button>
        </div>
      </header>
      {list.isError ? (
        <div className="page-body">
          <Failed problem={list.error} retry={() => void list.refetch()} />
        </div>
      ) : !list.data ? (
        <Loading />
      ) : (
        <div className="table-wrap" tabIndex={0} role="region" aria-label={t('nav.people')}>
          <table className="table stacks">
            <thead>
              <tr>
                <th scope="col" style={{ paddingLeft: 24 }}>
                  {t('people.name')}
                </th>
                <th scope="col">{t('people.role')}</th>
                <th scope="col">{t('filter.team')}</th>
                <th scope="col">{t('people.state')}</th>
                <th scope="col">{t('people.totp')}</th>
                <th scope="col">{t('people.lastSignIn')}</th>
                <th scope="col" className="right">
                  {t('people.sessions')}
                </th>
                <th scope="col">
                  <span className="hear">{t('record.more')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.data.items.map((person) => (
                <tr key={person.id}>
                  <td style={{ paddingLeft: 24 }}>{person.name}</td>
                  <td data-label={t('people.role')}>
                    <Roles of={person.roles} />
                  </td>
                  <td data-label={t('filter.team')}>{teamName(person.team, t)}</td>
                  <td data-label={t('people.state')}>
                    <span className={`tag ${person.disabled ? 'bad' : person.set_up ? 'good' : 'warn'}`}>
                      <i className="dot" aria-hidden="true" />
                      {t(person.disabled ? 'people.disabled' : person.set_up ? 'people.active' : 'people.invited')}
                    </span>
                  </td>
                  <td data-label={t('people.totp')} className="quiet">
                    {t(person.totp ? 'people.yes' : 'people.no')}
                  </td>
                  <td data-label={t('people.lastSignIn')} className="quiet">
                    {person.last_sign_in_at ? <When at={person.last_sign_in_at} /> : '—'}
                  </td>
                  <td data-label={t('people.sessions')} className="right">
                    {person.sessions}
                  </td>
                  <td className="right">
                    <Deeds
                      person={person}
                      linked={(path) => setLink({ name: person.name, path })}
                      change={() => setChanging(person)}
                    />
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
          done={(person) => {
            setAdding(false);
            setLink({ name: person.name, path: person.set_up });
          }}
        />
      )}
      {changing && <ChangePerson person={changing} close={() => setChanging(undefined)} />}
      {link && <OneTime {...link} close={() => setLink(undefined)} />}
    </div>
  );
}

function Deeds({ person, linked, change }: { person: Person; linked: (path: string) => void; change: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { user } = useSession();
  const [open, setOpen] = useState(false);
  const reload = () => client.invalidateQueries({ queryKey: ['people'] });
  const act = useMutation({
    mutationFn: async (what: 'link' | 'disable' | 'enable' | 'end') => {
      setOpen(false);
      if (what === 'link') linked((await people.link(person.id)).set_up);
      else if (what === 'end') await people.signOutEverywhere(person.id);
      else {
        const now = await people.disable(person.id, what === 'disable');
        // Letting somebody in again gives them all that they had.
        if (waits(now)) {
          tellWaits(now);
          return 'asked';
        }
      }
      return what;
    },
    onSuccess: (what) => {
      if (what === 'disable')
        toast(
          t('people.disabledDone', { name: person.name }),
          () => void people.disable(person.id, false).then((now) => (waits(now) ? tellWaits(now) : reload())),
        );
      else if (what !== 'link' && what !== 'asked') toast(t('people.done'));
      return reload();
    },
    onError: (problem) =>
      toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network')),
  });
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      arrow={false}
      open={open}
      onOpenChange={setOpen}
      styles={{ container: { padding: 4 } }}
      content={
        <div className="menu" role="dialog" aria-label={t('people.more', { name: person.name })}>
          <button
            type="button"
            className="do plain"
            onClick={() => {
              setOpen(false);
              change();
            }}
          >
            <SafetyCertificateOutlined /> {t('people.change')}
          </button>
          <button type="button" className="do plain" onClick={() => act.mutate('link')}>
            <LinkOutlined /> {t(person.set_up ? 'people.reset' : 'people.inviteAgain')}
          </button>
          {person.sessions > 0 && (
            <button type="button" className="do plain" onClick={() => act.mutate('end')}>
              {t('people.signOut')}
            </button>
          )}
          {person.id !== user.id && (
            <button
              type="button"
              className="do plain"
              onClick={() => act.mutate(person.disabled ? 'enable' : 'disable')}
            >
              {t(person.disabled ? 'people.enable' : 'people.disable')}
            </button>
          )}
        </div>
      }
    >
      <Button type="text" size="small" aria-label={t('people.more', { name: person.name })} aria-haspopup="dialog">
        ⋯
      </Button>
    </Popover>
  );
}

function Add({ close, done }: { close: () => void; done: (person: { name: string; set_up: string }) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState('');
  const [roles, setRoles] = useState(['CDE']);
  const [team, setTeam] = useState<string>();
  useUnsaved(name !== '');
  const add = useMutation({
    mutationFn: () => people.add({ name: name.trim(), roles, ...(team ? { team } : {}) }),
    onSuccess: (person) => {
      void client.invalidateQueries({ queryKey: ['people'] });
      void client.invalidateQueries({ queryKey: ['roles'] });
      if (waits(person)) {
        tellWaits(person);
        close();
      } else done(person);
    },
  });
  return (
    <Modal
      open
      title={t('people.add')}
      onCancel={close}
      okText={t('people.addDo')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !name.trim() || roles.length === 0, loading: add.isPending }}
      onOk={() => add.mutate()}
      width={440}
    >
      <div className="stack">
        <div className="field">
          <label htmlFor="person-name">{t('people.name')}</label>
          <Input
            id="person-name"
            autoFocus
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <span className="hint">{t('setUp.nameHint')}</span>
        </div>
        <div className="field">
          <label htmlFor="person-role">{t('people.role')}</label>
          <ChooseRoles id="person-role" of={roles} set={setRoles} />
        </div>
        <div className="field">
          <label htmlFor="person-team">{t('filter.team')}</label>
          <Select
            id="person-team"
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

/** A link that works once, for a day. Whoever has it sets the password, so it is shown this once. */
function OneTime({ name, path, close }: { name: string; path: string; close: () => void }) {
  const { t } = useTranslation();
  const link = new URL(path, window.location.origin).toString();
  return (
    <Modal
      open
      title={t('people.link', { name })}
      onCancel={close}
      width={520}
      footer={
        <Button
          type="primary"
          onClick={() => void navigator.clipboard.writeText(link).then(() => toast(t('people.copied')))}
        >
          {t('people.copy')}
        </Button>
      }
    >
      <p className="quiet" style={{ marginBottom: 12 }}>
        {t('people.linkText')}
      </p>
      <Input readOnly value={link} aria-label={t('people.link', { name })} onFocus={(event) => event.target.select()} />
    </Modal>
  );
}
