// What a request would change, who has to agree and who has, and what people said.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Request } from '../../api/approvals';
import { written, type Kind } from '../../lib/fields';
import { label } from '../../lib/format';
import { linesOf } from '../../lib/moved';
import { Level, Masked, Stage, When } from '../../parts/marks';
import { useRuleWords } from '../../parts/rule-words';
import { fieldOf, nameOf } from './title';

/** Old and new as the reader may see them: masks as they come, and how much there is that is not for them. */
export function Changes({ of, kinds }: { of: Request; kinds: Kind[] }) {
  const { t } = useTranslation();
  return (
    <>
      {(of.changes.length > 0 || of.moves.length > 0) && (
        <dl className="changes">
          {of.moves.map((move) => (
            <div key={move.what}>
              <dt>{t(`approval.part.${move.what}`)}</dt>
              <dd>
                <Place what={move.what} of={move.before} />
                <Arrow />
                <Place what={move.what} of={move.after} />
              </dd>
            </div>
          ))}
          {of.changes.map((change) => {
            const field = fieldOf(kinds, of.kind, change.field);
            const name = nameOf(kinds, of.kind, change.field, t);
            const show = (value: unknown) => {
              const text = written(field, value);
              if (!text) return <span className="quiet">{t('approval.empty')}</span>;
              return change.form === 'clear' ? text : <Masked field={name} mask={text} />;
            };
            return (
              <div key={change.field}>
                <dt>{name}</dt>
                <dd>
                  <del>{show(change.before)}</del>
                  <Arrow />
                  <ins>{show(change.after)}</ins>
                </dd>
              </div>
            );
          })}
        </dl>
      )}
      {of.command === 'use' && <Dossiers of={of} />}
      {of.hidden > 0 && of.command !== 'use' && (
        <p className="quiet">
          {t(of.changes.length + of.moves.length > 0 ? 'approval.hiddenMore' : 'approval.hiddenOnly', { n: of.hidden })}
        </p>
      )}
      {of.difference && <Lines of={of.difference} />}
    </>
  );
}

/** The dossiers whose use is applied for, as far as the reader sees them. */
function Dossiers({ of }: { of: Request }) {
  const { t } = useTranslation();
  const named = of.dossiers ?? [];
  if (named.length + of.hidden === 0) return null;
  return (
    <p>
      {named.map((one) => (
        <Link key={one.id} to="/dossiers/$id" params={{ id: one.id }} style={{ marginRight: 8 }}>
          <code>{one.code ?? one.id}</code>
        </Link>
      ))}
      {of.hidden > 0 && (
        <span className="quiet">{t(named.length > 0 ? 'grants.hiddenMore' : 'grants.hidden', { n: of.hidden })}</span>
      )}
    </p>
  );
}

function Arrow() {
  const { t } = useTranslation();
  return (
    <span className="arrow">
      <span aria-hidden="true">→</span>
      <span className="hear">{t('approval.becomes')}</span>
    </span>
  );
}

function Place({ what, of }: { what: string; of: string | null | undefined }) {
  const { t } = useTranslation();
  if (!of) return <span className="quiet">{t('approval.nobody')}</span>;
  if (what === 'level') return <Level of={of} />;
  if (what === 'stage') return <Stage of={Number(of)} />;
  return <span>{of}</span>;
}

const line = /^([^:]+): (.*) → (.*)$/;

/** Lines `path: before → after`, as the ledger keeps them; a role's rules by their names. */
function Lines({ of }: { of: string }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const said = (path: string, values: string[]) =>
    values
      .map((one) => (one !== '–' ? words.value(path, one) : path.startsWith('fields.') ? t('form.hidden') : one))
      .join(t('approval.between'));
  return (
    <dl className="changes lines">
      {linesOf(of).map((one, n) => {
        const [, path, was, is] = typeof one === 'string' ? (line.exec(one) ?? []) : [];
        if (typeof one === 'string' && path === undefined)
          return (
            <div key={n}>
              <dd>{one}</dd>
            </div>
          );
        return (
          <div key={n}>
            <dt>{typeof one === 'string' ? <code>{path}</code> : words.path(one.path)}</dt>
            <dd>
              <del>{typeof one === 'string' ? was : said(one.path, one.before)}</del>
              <Arrow />
              <ins>{typeof one === 'string' ? is : said(one.path, one.after)}</ins>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Each flow that it met, the step it waits at, and by whom. */
export function Flows({ of }: { of: Request }) {
  const { t } = useTranslation();
  const list = (names: string[]) => names.join(t('approval.between'));
  const open = of.state === 'waiting';
  return (
    <ul className="flows">
      {of.flows.map((flow, n) => (
        <li key={n}>
          <p className="row between wrap">
            <b>{label(flow.name)}</b>
            <span className="meta">
              {flow.step ? t('approval.step', { n: flow.step, of: flow.steps }) : t('approval.through')}
            </span>
          </p>
          {flow.agreed.length > 0 && <p className="quiet">{t('approval.agreedBy', { names: list(flow.agreed) })}</p>}
          {open && flow.step !== undefined && (
            <p className="quiet">
              {flow.waits_for.length > 0
                ? t((flow.need ?? 1) > 1 ? 'approval.waitsForMany' : 'approval.waitsForOne', {
                    names: list(flow.waits_for),
                    n: flow.need,
                  })
                : t('approval.nobodyNow')}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

export function SaidList({ of }: { of: Request }) {
  const { t } = useTranslation();
  return (
    <ol className="said">
      {of.said.map((one, n) => (
        <li key={n}>
          <p>
            <b>{one.by}</b> {t(`approval.said.${one.what}`, { person: one.person })}{' '}
            <span className="meta">
              <When at={one.at} />
            </span>
          </p>
          {/* The reason stands by itself above. */}
          {one.text && one.what !== 'asked' && <blockquote>{one.text}</blockquote>}
        </li>
      ))}
    </ol>
  );
}
