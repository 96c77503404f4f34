// One team, edited where it stands in the tree. Enter saves, Esc leaves it as it was.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { peopleQuery, teamsQuery } from '../../api/queries';
import type { components } from '../../api/schema';
import { composing } from '../../lib/keys';
import { tellWaits, waits } from '../../lib/waits';
import { within, type Team } from '../../lib/team-tree';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useUnsaved } from '../../session/store';

type Change = components['schemas']['ChangeTeam'];

const send = (id: string, body: Change) => ask(api.PATCH('/v1/teams/{id}', { params: { path: { id } }, body }));

/** What is said of a team; an empty text where there is none. */
const said = (team: Team) => ({ name: team.name, above: team.above ?? '', lead: team.lead ?? '' });

export function EditTeam({ team, all, close }: { team: Team; all: Team[]; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const people = useQuery(peopleQuery);
  const [form, setForm] = useState(said(team));
  const before = said(team);
  const typed = { ...form, name: form.name.trim() };
  const parts = (['name', 'above', 'lead'] as const).filter((part) => typed[part] !== before[part]);
  const of = (from: typeof typed): Change => Object.fromEntries(parts.map((part) => [part, from[part]]));
  useUnsaved(parts.length > 0);
  const reload = () => client.invalidateQueries({ queryKey: teamsQuery.queryKey });
  const save = useMutation({
    mutationFn: () => send(team.id, of(typed)),
    onSuccess: (now) => {
      if (waits(now)) {
        tellWaits(now);
        return close();
      }
      toast(t('teams.saved', { name: now.name }), () => {
        void send(team.id, of(before)).then(
          (back) => {
            if (waits(back)) return tellWaits(back);
            toast(t('teams.undone', { name: before.name }));
            return reload();
          },
          (problem: unknown) =>
            toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network')),
        );
      });
      close();
      return reload();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (parts.length > 0 && typed.name) save.mutate();
    else close();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || composing(event) || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest('.ant-select-open')) return;
    event.preventDefault();
    close();
  };
  const never = within(all, team.name);
  const leads = people.data?.items.filter((one) => !one.disabled).map((one) => one.name) ?? [];
  // Somebody who is disabled meanwhile is told all the same.
  const names = before.lead && !leads.includes(before.lead) ? [before.lead, ...leads] : leads;
  return (
    <form
      className="team-edit appear"
      onSubmit={submit}
      onKeyDown={keys}
      aria-label={t('teams.editOf', { name: team.name })}
    >
      <div className="field">
        <label htmlFor="team-name">{t('teams.name')}</label>
        <Input
          id="team-name"
          autoFocus
          autoComplete="off"
          maxLength={64}
          value={form.name}
          onChange={(event) => setForm({ ...form, name: event.target.value })}
        />
      </div>
      <div className="field">
        <label htmlFor="team-above">{t('teams.above')}</label>
        <Select
          id="team-above"
          aria-label={t('teams.above')}
          showSearch={{ optionFilterProp: 'label' }}
          value={form.above}
          onChange={(above: string) => setForm({ ...form, above })}
          options={[
            { value: '', label: t('teams.noneAbove') },
            ...all.filter((one) => !never.includes(one.name)).map((one) => ({ value: one.name, label: one.name })),
          ]}
        />
      </div>
      <div className="field">
        <label htmlFor="team-lead">{t('teams.lead')}</label>
        <Select
          id="team-lead"
          aria-label={t('teams.lead')}
          showSearch={{ optionFilterProp: 'label' }}
          loading={people.isPending}
          value={form.lead}
          onChange={(lead: string) => setForm({ ...form, lead })}
          options={[{ value: '', label: t('teams.noLead') }, ...names.map((one) => ({ value: one, label: one }))]}
        />
      </div>
      <div className="row">
        <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!typed.name}>
          {t('do.save')}
        </Button>
        <Button onClick={close}>{t('do.cancel')}</Button>
      </div>
      <div className="whole">
        <Wrong problem={save.error ?? people.error} />
      </div>
    </form>
  );
}
