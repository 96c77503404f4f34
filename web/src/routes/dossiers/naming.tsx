import { useMutation } from '@tanstack/react-query';
import { Checkbox, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { people, type View } from '../../api/people';
import { composing } from '../../lib/keys';
import { Wrong } from '../../parts/states';
import { useUnsaved } from '../../session/store';

/** A name for the filters and columns of now. */
export function Naming({
  body,
  close,
  done,
}: {
  body: Record<string, unknown>;
  close: () => void;
  done: (view: View) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  useUnsaved(name !== '');
  const add = useMutation({ mutationFn: () => people.addView({ name: name.trim(), shared, body }), onSuccess: done });
  return (
    <Modal
      open
      title={t('view.save')}
      onCancel={close}
      okText={t('view.save')}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !name.trim(), loading: add.isPending }}
      onOk={() => add.mutate()}
      width={400}
    >
      <div className="stack">
        <div className="field">
          <label htmlFor="view-name">{t('view.name')}</label>
          <Input
            id="view-name"
            autoFocus
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !composing(event) && name.trim() && !add.isPending) add.mutate();
            }}
          />
        </div>
        <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
          {t('view.share')}
        </Checkbox>
        <Wrong problem={add.error} />
      </div>
    </Modal>
  );
}
