import EllipsisOutlined from '@ant-design/icons/EllipsisOutlined';
import { Link } from '@tanstack/react-router';
import { Button, Popover } from 'antd';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Dossier } from '../../lib/fields';
import { Level, Stage, When } from '../../parts/marks';
import { stages } from './board-query';
import { Name } from './table';

interface Props {
  dossier: Dossier;
  /** Whether Tab reaches this card of its column. */
  reached: boolean;
  focused: () => void;
  menu: boolean;
  openMenu: (open: boolean) => void;
  drag: ((dossier: Dossier | undefined) => void) | undefined;
  set: (stage: number) => void;
}

/** A dossier on the board. */
export function Card({ dossier, reached, focused, menu, openMenu, drag, set }: Props) {
  const { t } = useTranslation();
  const link = useRef<HTMLAnchorElement>(null);
  const leave = () => {
    openMenu(false);
    link.current?.focus();
  };
  const code = dossier.code.slice(0, 15);
  return (
    <li className="board-card" data-id={dossier.id}>
      <Link
        ref={link}
        to="/dossiers/$id"
        params={{ id: dossier.id }}
        tabIndex={reached ? 0 : -1}
        onFocus={focused}
        draggable={Boolean(drag)}
        onDragStart={(event) => {
          // The code travels along, for what it is dropped on elsewhere; a name does not.
          event.dataTransfer.clearData();
          event.dataTransfer.setData('text/plain', code);
          event.dataTransfer.effectAllowed = 'move';
          drag?.(dossier);
        }}
        onDragEnd={() => drag?.(undefined)}
      >
        <b className="called">
          <Name of={dossier} />
        </b>
        <code className="code" translate="no">
          {code}
        </code>
        <Level of={dossier.level} />
        <span className="row between meta">
          <span className="team">{dossier.team}</span>
          <When at={dossier.changed_at} short />
        </span>
      </Link>
      {drag && (
        <Popover
          trigger="click"
          arrow={false}
          placement="bottomRight"
          open={menu}
          onOpenChange={openMenu}
          destroyOnHidden
          styles={{ container: { padding: 4 } }}
          content={<Stages now={dossier.stage} set={set} leave={leave} />}
        >
          <Button
            type="text"
            size="small"
            tabIndex={reached ? 0 : -1}
            icon={<EllipsisOutlined />}
            aria-label={t('board.menu', { code })}
            aria-haspopup="dialog"
            aria-expanded={menu}
          />
        </Popover>
      )}
    </li>
  );
}

/** The stages to move to, worked by the arrows. */
function Stages({ now, set, leave }: { now: number; set: (stage: number) => void; leave: () => void }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const all = () => [...(box.current?.querySelectorAll<HTMLElement>('button') ?? [])];
  useEffect(() => all()[0]?.focus(), []);
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      leave();
    } else if (step !== 0) {
      event.preventDefault();
      const items = all();
      items.at((items.indexOf(document.activeElement as HTMLElement) + step) % items.length)?.focus();
    }
  };
  return (
    <div ref={box} className="menu stages" role="dialog" aria-label={t('bulk.stage')} onKeyDown={keys}>
      {stages
        .filter((stage) => stage !== now)
        .map((stage) => (
          <button key={stage} type="button" tabIndex={-1} className="do plain" onClick={() => set(stage)}>
            <Stage of={stage} />
          </button>
        ))}
    </div>
  );
}
