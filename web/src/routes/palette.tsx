// ⌘K: places, things one may do, and records. A search is sent on Enter, never while somebody types: it is recorded.
import FileTextOutlined from '@ant-design/icons/FileTextOutlined';
import PlusOutlined from '@ant-design/icons/PlusOutlined';
import SearchOutlined from '@ant-design/icons/SearchOutlined';
import { useNavigate } from '@tanstack/react-router';
import { Modal } from 'antd';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../api/client';
import { Problem } from '../api/problem';
import type { components } from '../api/schema';
import { composing } from '../lib/keys';
import { Icon } from '../parts/icons';
import { Level } from '../parts/marks';
import { useMay } from '../session/store';
import { permitted } from './nav';
import './palette.css';

type Hit = components['schemas']['Hit'];
interface One {
  key: string;
  icon: ReactNode;
  text: string;
  more?: ReactNode;
  act: () => void;
}

export function Palette({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [hits, setHits] = useState<{ for: string; items: Hit[]; problem?: Problem }>();

  const go = (to: string) => () => {
    close();
    void navigate({ to });
  };
  const wanted = text.trim().toLowerCase();
  const matches = (words: string) => !wanted || words.toLowerCase().includes(wanted);
  const places: One[] = permitted(may)
    .flatMap((part) => part.items)
    .map((item) => ({
      key: item.to,
      icon: <Icon of={item.icon} />,
      text: t(item.name),
      more: item.keys && <kbd>{item.keys}</kbd>,
      act: go(item.to),
    }));
  const deeds: One[] = [
    ...(may('create')
      ? [{ key: 'new', icon: <PlusOutlined />, text: t('list.new'), more: <kbd>N</kbd>, act: go('/dossiers/new') }]
      : []),
    { key: 'security', icon: <Icon of="me" />, text: t('me.security'), act: go('/me/security') },
  ];
  const find = async () => {
    try {
      const found = await ask(api.POST('/v1/search', { body: { q: text.trim(), limit: 8 } }));
      setHits({ for: text, items: found.items });
    } catch (problem) {
      if (problem instanceof Problem) setHits({ for: text, items: [], problem });
    }
    setAt(0);
  };
  const records: One[] =
    hits?.for === text
      ? hits.items.map((hit) => ({
          key: hit.id,
          icon: <FileTextOutlined />,
          text: String((hit.fields as { name?: string }).name ?? ('code' in hit ? hit.code : hit.id)),
          more: <Level of={hit.level} />,
          act: go(`/dossiers/${'dossier' in hit ? hit.dossier : hit.id}`),
        }))
      : wanted && may('read')
        ? [
            {
              key: 'find',
              icon: <SearchOutlined />,
              text: t('palette.find', { text: text.trim() }),
              more: <kbd>Enter</kbd>,
              act: () => void find(),
            },
          ]
        : [];
  const sections = [
    { name: t('palette.records'), items: records },
    { name: t('palette.do'), items: deeds.filter((one) => matches(one.text)) },
    { name: t('palette.go'), items: places.filter((one) => matches(one.text)) },
  ].filter((section) => section.items.length > 0);
  const all = sections.flatMap((section) => section.items);

  const down = (event: KeyboardEvent) => {
    if (composing(event)) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt((at + (event.key === 'ArrowDown' ? 1 : -1) + all.length) % Math.max(1, all.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      all[at]?.act();
    }
  };
  return (
    <Modal
      open
      onCancel={close}
      footer={null}
      closable={false}
      width={600}
      className="palette"
      style={{ top: 96 }}
      title={<span className="hear">{t('palette.label')}</span>}
    >
      <input
        className="ask"
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={all[at] ? `palette-${all[at].key}` : undefined}
        aria-label={t('palette.label')}
        placeholder={t('palette.placeholder')}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={down}
      />
      <ul id="palette-list" role="listbox" aria-label={t('palette.label')}>
        {hits?.for === text && hits.items.length === 0 && (
          <li className="head" role="presentation">
            {hits.problem?.body.detail ?? t('search.none')}
          </li>
        )}
        {sections.map((section) => (
          <li key={section.name} role="presentation">
            <div className="head meta" style={{ padding: '6px 12px 2px' }}>
              {section.name}
            </div>
            <ul role="group" aria-label={section.name} style={{ padding: 0, maxHeight: 'none' }}>
              {section.items.map((one) => (
                <li
                  key={one.key}
                  id={`palette-${one.key}`}
                  role="option"
                  aria-selected={all[at]?.key === one.key}
                  className={`one ${all[at]?.key === one.key ? 'on' : ''}`}
                  onMouseMove={() => setAt(all.findIndex((other) => other.key === one.key))}
                  onClick={one.act}
                >
                  {one.icon}
                  <span>{one.text}</span>
                  <span className="more">{one.more}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <p className="foot">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> {t('palette.choose')}
        </span>
        <span>
          <kbd>Enter</kbd> {t('palette.open')}
        </span>
        <span>
          <kbd>Esc</kbd> {t('do.close')}
        </span>
      </p>
    </Modal>
  );
}
