// What somebody answered for who left or moved, for whoever is to take it over. It is shown where there is some.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { handOversQuery, takeOver, type HandOver } from '../api/hand-overs';
import { Problem } from '../api/problem';
import { absolute, count } from '../lib/format';
import { tellWaits, waits } from '../lib/waits';
import { Icon } from '../parts/icons';
import { Failed } from '../parts/states';
import { toast } from '../parts/toasts';

export function HandOvers() {
  const { t } = useTranslation();
  const list = useQuery(handOversQuery);
  if (list.isError)
    return (
      <section className="section">
        <Failed problem={list.error} retry={() => void list.refetch()} />
      </section>
    );
  if (!list.data?.items.length) return null;
  return (
    <section className="section">
      <h2 className="section-head">{t('handOver.title')}</h2>
      <ul className="starts hand-overs">
        {list.data.items.map((one) => (
          <One key={one.id} of={one} />
        ))}
      </ul>
    </section>
  );
}

function One({ of: one }: { of: HandOver }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const take = useMutation({
    mutationFn: () => takeOver(one.id),
    onSuccess: (now) => {
      if (waits(now)) tellWaits(now);
      else toast(t('handOver.taken', { name: one.from }));
      // Whose they are is from before.
      for (const key of ['dossier', 'dossiers', 'board'])
        void client.invalidateQueries({ queryKey: [key], refetchType: 'none' });
      return client.invalidateQueries({ queryKey: handOversQuery.queryKey });
    },
    onError: (problem) =>
      toast(problem instanceof Problem ? (problem.body.detail ?? t('state.network')) : t('state.network')),
  });
  const parts = [
    t('handOver.since', { how: t(`handOver.${one.how}`), at: absolute(one.since) }),
    ...(one.dossiers > 0 ? [t('handOver.dossiers', { n: count(one.dossiers) })] : []),
    ...(one.programs.length > 0 ? [t('handOver.programs', { names: one.programs.join(t('state.between')) })] : []),
  ];
  return (
    <li className="row">
      <Icon of="people" />
      <span className="grow">
        <b>{t('handOver.of', { name: one.from })}</b>
        <span className="meta">{parts.join(' · ')}</span>
      </span>
      {one.state === 'running' ? (
        <span className="meta">{t('handOver.running', { n: count(one.moved), of: count(one.dossiers) })}</span>
      ) : (
        <Button
          loading={take.isPending}
          onClick={() => take.mutate()}
          aria-label={t('handOver.takeOf', { name: one.from })}
        >
          {t('handOver.take')}
        </Button>
      )}
    </li>
  );
}
