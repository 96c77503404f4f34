// Edits one field: leaving saves, Ctrl ⏎ saves, Esc leaves it as it was. Where somebody else was faster both values are
// shown, and what was typed is kept.
import { Button } from 'antd';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/problem';
import { editable, isMasked, typed, valueOf, written, type Contact, type Dossier, type Field } from '../../lib/fields';
import { composing } from '../../lib/keys';
import { tellWaits, waits } from '../../lib/waits';
import { FieldInput } from '../../parts/field-input';
import { Wrong } from '../../parts/states';
import { toast } from '../../parts/toasts';
import { useUnsaved } from '../../session/store';
import { readAgain, saveField } from './save';

interface Props<R extends Dossier | Contact> {
  record: R;
  field: Field;
  saved: (record: R) => void;
  close: () => void;
}

export function FieldEditor<R extends Dossier | Contact>({ record, field, saved, close }: Props<R>) {
  const { t } = useTranslation();
  const masked = isMasked(record, field.name);
  // What is masked starts blank: the mask is no value.
  const begin = masked ? '' : editable(valueOf(record, field.name));
  const [text, setText] = useState(begin);
  useUnsaved(text !== begin);
  const [problem, setProblem] = useState<Problem>();
  const [theirs, setTheirs] = useState<R>();
  const busy = useRef(false);

  const save = async (from: R = record) => {
    if (busy.current) return;
    if (text === begin && from === record) {
      close();
      return;
    }
    if (masked && text.trim() === '') {
      close();
      return;
    }
    busy.current = true;
    setProblem(undefined);
    try {
      const now = await saveField(from, field.name, typed(field, text));
      close();
      if (waits(now)) {
        tellWaits(now);
        return;
      }
      saved(now);
      toast(
        t('edit.saved'),
        masked
          ? undefined
          : () => {
              void saveField(now, field.name, typed(field, begin))
                .then((back) => (waits(back) ? tellWaits(back) : saved(back)))
                .catch(() => toast(t('edit.undoFailed')));
            },
      );
    } catch (error) {
      if (error instanceof Problem && error.status === 412) setTheirs((await readAgain(record)) as R);
      else if (error instanceof Problem) setProblem(error);
    } finally {
      busy.current = false;
    }
  };
  const keys = (event: KeyboardEvent) => {
    if (composing(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      busy.current = true;
      close();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || field.max_length <= 300)) {
      if (field.type === 'choices' || (field.type === 'choice' && !event.ctrlKey && !event.metaKey)) return;
      event.preventDefault();
      void save();
    }
  };

  if (theirs) {
    const now = valueOf(theirs, field.name);
    return (
      <div className="conflict appear" role="alertdialog" aria-label={t('edit.conflict')}>
        <p>{t('edit.conflictText')}</p>
        <dl>
          <dt>{t('edit.theirs')}</dt>
          <dd>{written(field, now) || '—'}</dd>
          <dt>{t('edit.mine')}</dt>
          <dd>{written(field, typed(field, text)) || '—'}</dd>
        </dl>
        <div className="row">
          <Button
            size="small"
            autoFocus
            onClick={() => {
              saved(theirs);
              close();
            }}
          >
            {t('edit.keepTheirs')}
          </Button>
          <Button size="small" type="primary" onClick={() => void save(theirs)}>
            {t('edit.useMine')}
          </Button>
        </div>
        <Wrong problem={problem} />
      </div>
    );
  }
  const wrong = problem && (problem.about(field.name) ?? problem.body.detail);
  return (
    <div className="editing">
      <FieldInput
        id={`edit-${field.name}`}
        field={field}
        value={text}
        change={setText}
        blur={() => void save()}
        keys={keys}
        autoFocus
        wrong={Boolean(wrong)}
        describedBy={wrong ? `edit-${field.name}-wrong` : undefined}
      />
      {wrong && (
        <p id={`edit-${field.name}-wrong`} className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
