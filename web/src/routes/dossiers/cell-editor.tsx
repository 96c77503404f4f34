import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Dossier, Field } from '../../lib/fields';
import { label } from '../../lib/format';
import { FieldEditor } from './field-editor';
import './record.css';

/** A clear cell of the list, edited over the list; what was saved stands in the list at once. */
export function CellEditor({
  dossier,
  field,
  close,
  saved,
}: {
  dossier: Dossier;
  field: Field;
  close: () => void;
  saved: (now: Dossier) => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal open title={label(field.label)} footer={null} onCancel={close} width={420} destroyOnHidden>
      <p className="meta" style={{ marginBottom: 8 }}>
        {dossier.fields.name} · {t('edit.hint')}
      </p>
      <FieldEditor record={dossier} field={field} saved={saved} close={close} />
    </Modal>
  );
}
