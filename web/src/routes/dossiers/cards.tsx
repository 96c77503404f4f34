import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Dossier } from '../../lib/fields';
import { Level, Masked, Stage, When } from '../../parts/marks';
import { Name } from './table';

/** The list on a phone. */
export function Cards({ items }: { items: Dossier[] }) {
  const { t } = useTranslation();
  return (
    <ul className="cards">
      {items.map((dossier) => (
        <li key={dossier.id}>
          <Link className="card" to="/dossiers/$id" params={{ id: dossier.id }}>
            <b>
              <Name of={dossier} />
            </b>
            <span className="row between">
              <Stage of={dossier.stage} />
              <Level of={dossier.level} />
            </span>
            <span className="row between meta">
              {dossier.fields.phone ? <Masked field={t('list.phone')} mask={dossier.fields.phone} /> : <span>—</span>}
              <When at={dossier.changed_at} short />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
