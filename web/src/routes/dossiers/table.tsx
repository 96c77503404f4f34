// The table of dossiers, with the keys of a grid: J and K or the arrows move, X selects, Space peeks, Enter opens, E edits a
// cell that stands in clear.
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { isMasked, valueOf, written, type Dossier, type Field } from '../../lib/fields';
import { label } from '../../lib/format';
import { useKeys } from '../../lib/keys';
import { Code, Level, Masked, Stage, When } from '../../parts/marks';

export interface Place {
  row: number;
  column: number;
}

interface Props {
  items: Dossier[];
  columns: Field[];
  at: Place;
  move: (at: Place) => void;
  selected: { has(id: string): boolean };
  select: (ids: string[], on: boolean) => void;
  peek: (dossier: Dossier) => void;
  open: (dossier: Dossier) => void;
  edit: (dossier: Dossier, field: Field) => void;
  selectable: boolean;
  /** Whether rows of several teams may stand in the list. */
  teams: boolean;
}

export function DossierTable(props: Props) {
  const { items, columns, at, move, selected, select, peek, open, edit, selectable, teams } = props;
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const here = items[at.row];

  const focus = (row: number) => body.current?.querySelectorAll<HTMLElement>('tr')[row]?.focus();
  const go = (row: number, column = at.column) => {
    const to = {
      row: Math.max(0, Math.min(items.length - 1, row)),
      column: Math.max(0, Math.min(columns.length - 1, column)),
    };
    move(to);
    focus(to.row);
  };
  useKeys({
    j: () => go(at.row + 1),
    k: () => go(at.row - 1),
    arrowdown: () => go(at.row + 1),
    arrowup: () => go(at.row - 1),
    arrowright: () => go(at.row, at.column + 1),
    arrowleft: () => go(at.row, at.column - 1),
    home: () => go(0),
    end: () => go(items.length - 1),
    x: () => here && selectable && select([here.id], !selected.has(here.id)),
    ' ': () => here && peek(here),
    e: () => here && columns[at.column] && edit(here, columns[at.column] as Field),
    enter: () => here && open(here),
  });
  useEffect(() => {
    body.current?.querySelectorAll<HTMLElement>('tr')[at.row]?.scrollIntoView({ block: 'nearest' });
  }, [at.row]);
  // Who comes back finds the row again.
  const first = useRef(at.row);
  useEffect(() => {
    if (first.current >= 0)
      body.current?.querySelectorAll<HTMLElement>('tr')[first.current]?.focus({ preventScroll: true });
  }, []);

  const all = items.length > 0 && items.every((one) => selected.has(one.id));
  return (
    <div className="table-wrap">
      <table
        className="table"
        role="grid"
        aria-label={t('list.title')}
        aria-rowcount={items.length + 1}
        aria-multiselectable={selectable}
      >
        <thead>
          <tr aria-rowindex={1}>
            {selectable && (
              <th className="check" scope="col">
                <label className="pick">
                  <input
                    type="checkbox"
                    aria-label={t('list.selectPage')}
                    checked={all}
                    onChange={(event) =>
                      select(
                        items.map((one) => one.id),
                        event.target.checked,
                      )
                    }
                  />
                </label>
              </th>
            )}
            <th className="frozen" scope="col">
              {t('list.nameCode')}
            </th>
            <th scope="col">{t('filter.stage')}</th>
            <th scope="col">{t('filter.level')}</th>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.type === 'money' ? 'right' : ''}>
                {label(column.label)}
              </th>
            ))}
            {teams && <th scope="col">{t('filter.team')}</th>}
            <th scope="col">{t('list.changed')}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {items.map((dossier, row) => (
            <tr
              key={dossier.id}
              aria-rowindex={row + 2}
              aria-selected={selected.has(dossier.id)}
              className={selected.has(dossier.id) ? 'on' : ''}
              tabIndex={Math.max(0, at.row) === row ? 0 : -1}
              onFocus={() => at.row !== row && move({ row, column: at.column })}
              onDoubleClick={() => open(dossier)}
            >
              {selectable && (
                <td className="check">
                  <label className="pick">
                    <input
                      type="checkbox"
                      tabIndex={-1}
                      aria-label={t('list.selectOne', { code: dossier.code })}
                      checked={selected.has(dossier.id)}
                      onChange={(event) => select([dossier.id], event.target.checked)}
                    />
                  </label>
                </td>
              )}
              <th scope="row" className="frozen" style={{ fontWeight: 400 }}>
                <span className="two-lines">
                  <Link to="/dossiers/$id" params={{ id: dossier.id }} tabIndex={-1} style={{ color: 'var(--text)' }}>
                    <Name of={dossier} />
                  </Link>
                  <Code of={dossier.code} />
                </span>
              </th>
              <td>
                <Stage of={dossier.stage} />
              </td>
              <td>
                <Level of={dossier.level} />
              </td>
              {columns.map((column, n) => (
                <td
                  key={column.name}
                  className={`${column.type === 'money' ? 'right' : ''} ${at.row === row && at.column === n ? 'cell' : ''}`}
                >
                  <Cell dossier={dossier} field={column} />
                </td>
              ))}
              {teams && <td>{dossier.team}</td>}
              <td className="quiet">
                <When at={dossier.changed_at} short />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Name({ of }: { of: Dossier }) {
  const { t } = useTranslation();
  const name = of.fields.name;
  if (!name) return <>{of.code.slice(0, 15)}</>;
  return isMasked(of, 'name') ? <Masked field={t('list.name')} mask={name} /> : <>{name}</>;
}

export function Cell({ dossier, field }: { dossier: Dossier; field: Field }) {
  const value = valueOf(dossier, field.name);
  if (value === undefined || value === null) return <span className="meta">—</span>;
  const text = written(field, value);
  if (isMasked(dossier, field.name)) return <Masked field={label(field.label)} mask={text} />;
  return (
    <span className="cut" title={text.length > 24 ? text : undefined}>
      {text}
    </span>
  );
}
