import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { dossierQuery, kindsQuery } from '../../api/queries';
import type { Dossier } from '../../lib/fields';
import { Code, Level, Stage } from '../../parts/marks';
import { Side } from '../../parts/side';
import { Failed, Loading } from '../../parts/states';
import { FieldList } from './field-list';
import { Name } from './table';

/** A look at a record beside the list. It is a look like any other, and recorded. */
export function Peek({ dossier, close }: { dossier: Dossier; close: () => void }) {
  const { t } = useTranslation();
  const record = useQuery(dossierQuery(dossier.id));
  const kinds = useQuery(kindsQuery);
  const kind = kinds.data?.items.find((one) => one.prefix === 'dos');
  return (
    <Side
      title={<Name of={dossier} />}
      close={close}
      extra={
        <Link to="/dossiers/$id" params={{ id: dossier.id }}>
          {t('peek.open')}
        </Link>
      }
    >
      <p className="row wrap" style={{ marginBottom: 16 }}>
        <Stage of={dossier.stage} /> <Level of={dossier.level} /> <Code of={dossier.code} />
      </p>
      {record.isError ? (
        <Failed problem={record.error} retry={() => void record.refetch()} />
      ) : record.data && kind ? (
        <FieldList record={record.data} kind={kind} />
      ) : (
        <Loading lines={8} />
      )}
    </Side>
  );
}
