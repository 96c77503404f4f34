// One's own columns: which fields, in which order. What is hidden from the reader is not offered; what is masked says so.
import ArrowDownOutlined from '@ant-design/icons/ArrowDownOutlined';
import ArrowUpOutlined from '@ant-design/icons/ArrowUpOutlined';
import CloseOutlined from '@ant-design/icons/CloseOutlined';
import HolderOutlined from '@ant-design/icons/HolderOutlined';
import LockOutlined from '@ant-design/icons/LockOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import { Button, Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field, Kind } from '../../lib/fields';
import { label } from '../../lib/format';
import { choosable, columnsOf, moved, type Columns } from './columns';
import './picker.css';

const groups = ['contact', 'general', 'identity', 'finance'];

export function Picker({
  columns,
  kind,
  change,
  close,
}: {
  columns: Columns;
  kind: Kind | undefined;
  change: (columns: Columns) => void;
  close: () => void;
}) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<Field[]>(() => columnsOf(columns, kind));
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const focus = useRef<number | undefined>(0);
  const others = choosable(kind).filter((field) => !chosen.includes(field));

  // The focus goes along with what was moved.
  useEffect(() => {
    if (focus.current === undefined) return;
    list.current?.querySelectorAll<HTMLElement>('li')[focus.current]?.focus();
    focus.current = undefined;
  });
  const place = (from: number, to: number) => {
    if (to < 0 || to >= chosen.length) return;
    const field = chosen[from];
    setChosen(moved(chosen, from, to));
    focus.current = to;
    if (field) setSaid(t('picker.moved', { field: label(field.label), n: to + 1 }));
  };
  const remove = (field: Field) => {
    focus.current = Math.min(chosen.indexOf(field), chosen.length - 2);
    setChosen(chosen.filter((one) => one !== field));
  };
  const apply = (next: Columns) => {
    change(next);
    close();
  };
  return (
    <Modal
      open
      title={t('picker.title')}
      onCancel={close}
      width={680}
      footer={
        <div className="row between">
          <Button type="text" onClick={() => apply({ set: undefined, cols: undefined })}>
            {t('picker.default')}
          </Button>
          <span className="row">
            <Button onClick={close}>{t('do.cancel')}</Button>
            <Button
              type="primary"
              disabled={chosen.length === 0}
              onClick={() => apply({ set: undefined, cols: chosen.map((field) => field.name) })}
            >
              {t('picker.apply')}
            </Button>
          </span>
        </div>
      }
    >
      <p className="meta">{t('picker.text')}</p>
      <div className="picker">
        <section aria-labelledby="picker-chosen">
          <h2 id="picker-chosen">{t('picker.chosen', { n: chosen.length })}</h2>
          <ol ref={list}>
            {chosen.map((field, at) => (
              <li
                key={field.name}
                tabIndex={0}
                aria-label={t('picker.place', { field: label(field.label), n: at + 1, all: chosen.length })}
                draggable
                className={dragged === at ? 'dragged' : ''}
                onDragStart={(event) => {
                  event.dataTransfer.effectAllowed = 'move';
                  event.dataTransfer.setData('text/plain', field.name);
                  setDragged(at);
                }}
                onDragOver={(event) => {
                  event.preventDefault();
                  if (dragged === undefined || dragged === at) return;
                  setChosen(moved(chosen, dragged, at));
                  setDragged(at);
                }}
                onDrop={(event) => event.preventDefault()}
                onDragEnd={() => setDragged(undefined)}
                onKeyDown={(event) => {
                  if (event.target !== event.currentTarget) return;
                  const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
                  if (step !== 0) {
                    event.preventDefault();
                    if (event.altKey) place(at, at + step);
                    else list.current?.querySelectorAll<HTMLElement>('li')[at + step]?.focus();
                  } else if (event.key === 'Delete' || event.key === 'Backspace') remove(field);
                }}
              >
                <HolderOutlined aria-hidden="true" />
                <Said field={field} />
                <Button
                  type="text"
                  size="small"
                  icon={<ArrowUpOutlined />}
                  disabled={at === 0}
                  aria-label={t('picker.up', { field: label(field.label) })}
                  onClick={() => place(at, at - 1)}
                />
                <Button
                  type="text"
                  size="small"
                  icon={<ArrowDownOutlined />}
                  disabled={at === chosen.length - 1}
                  aria-label={t('picker.down', { field: label(field.label) })}
                  onClick={() => place(at, at + 1)}
                />
                <Button
                  type="text"
                  size="small"
                  icon={<CloseOutlined />}
                  aria-label={t('picker.remove', { field: label(field.label) })}
                  onClick={() => remove(field)}
                />
              </li>
            ))}
          </ol>
          {chosen.length === 0 && <p className="meta">{t('picker.none')}</p>}
        </section>
        <section aria-labelledby="picker-others">
          <h2 id="picker-others">{t('picker.others')}</h2>
          {groups
            .map((group) => ({ group, fields: others.filter((field) => field.group === group) }))
            .filter(({ fields }) => fields.length > 0)
            .map(({ group, fields }) => (
              <div key={group} role="group" aria-label={t(`group.${group}`)}>
                <p className="meta">{t(`group.${group}`)}</p>
                {fields.map((field) => (
                  <button
                    key={field.name}
                    type="button"
                    className="plain add"
                    aria-label={t('picker.add', { field: label(field.label) })}
                    onClick={() => {
                      setChosen([...chosen, field]);
                      setSaid(t('picker.moved', { field: label(field.label), n: chosen.length + 1 }));
                    }}
                  >
                    <Said field={field} />
                    <PlusOutlined aria-hidden="true" />
                  </button>
                ))}
              </div>
            ))}
        </section>
      </div>
      <span className="hear" role="status">
        {said}
      </span>
    </Modal>
  );
}

function Said({ field }: { field: Field }) {
  const { t } = useTranslation();
  return (
    <span className="grow">
      {label(field.label)}
      {field.shown === 'masked' && (
        <span className="meta">
          {' '}
          <LockOutlined aria-hidden="true" /> {t('filter.masked')}
        </span>
      )}
    </span>
  );
}
