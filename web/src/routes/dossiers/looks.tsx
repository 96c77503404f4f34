// Who looked, newest first. Opening this is recorded like any look.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { looksQuery } from '../../api/queries';
import type { Dossier, Kind } from '../../lib/fields';
import { label } from '../../lib/format';
import { When } from '../../parts/marks';
import { Empty, Failed, Loading } from '../../parts/states';
import { useMay } from '../../session/store';

export function Looks({ dossier, kind }: { dossier: Dossier; kind: Kind }) {
  const { t } = useTranslation();
  const may = useMay();
  const looks = useQuery(looksQuery(dossier.id));
  if (looks.isError) return <Failed problem={looks.error} retry={() => void looks.refetch()} />;
  if (!looks.data) return <Loading />;
  const items = [...looks.data.items].sort((one, other) => other.at.localeCompare(one.at));
  const named = (name: string) => {
    const field = kind.fields.find((one) => one.name === name);
    return field ? label(field.label) : name;
  };
  const count = (...actions: string[]) => items.filter((look) => actions.includes(look.action)).length;
  const opened = (action: string) => ['reveal', 'copy', 'detokenise'].includes(action);
  return (
    <>
      <p className="meta" style={{ marginBottom: 16 }}>
        {t('looks.sum', { n: items.length, reveals: count('reveal', 'detokenise'), copies: count('copy') })} ·{' '}
        {t('looks.recorded')}
      </p>
      {items.length === 0 ? (
        <Empty title={t('looks.none')} />
      ) : (
        <ol className="timeline">
          {items.map((look) => (
            <li key={look.entry} className={opened(look.action) ? 'strong' : ''}>
              <p>
                <b>{look.who}</b> {t(`deed.${look.action}`)} {look.fields.map(named).join('、')}
              </p>
              <p className="meta">
                <When at={look.at} /> ·{' '}
                {may('read_ledger') ? (
                  <Link to="/security/ledger/$entry" params={{ entry: look.entry }}>
                    {look.entry}
                  </Link>
                ) : (
                  look.entry
                )}
              </p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
