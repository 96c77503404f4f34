// What a request asks for, in a line.
import type { TFunction } from 'i18next';
import type { Request } from '../../api/approvals';
import type { Field, Kind } from '../../lib/fields';
import { label } from '../../lib/format';

export const fieldOf = (kinds: Kind[], kind: string | undefined, name: string): Field | undefined =>
  kinds.find((one) => one.name === kind)?.fields.find((one) => one.name === name);

/** The words for a field or for where a record stands. */
export const nameOf = (kinds: Kind[], kind: string | undefined, name: string, t: TFunction): string => {
  const field = fieldOf(kinds, kind, name);
  return field ? label(field.label) : t(`approval.part.${name}`, { defaultValue: name });
};

/** What somebody wants: 变更 电话、敏感等级. */
export function titleOf(of: Request, kinds: Kind[], t: TFunction): string {
  const what = [
    ...of.changes.map((one) => nameOf(kinds, of.kind, one.field, t)),
    ...of.moves.map((one) => t(`approval.part.${one.what}`)),
  ];
  const some = what.slice(0, 3).join(t('approval.between'));
  if (of.command !== 'change' || what.length === 0) return t(`approval.command.${of.command}`);
  return what.length > 3
    ? t('approval.changesMore', { what: some, n: what.length })
    : t('approval.changes', { what: some });
}

/** Requests that are alike enough to be agreed to together: the same is asked for, by the same flows. */
export const sortOf = (of: Request): string =>
  JSON.stringify([
    of.command,
    of.kind,
    of.flows.map((flow) => flow.name.zh),
    of.changes.map((one) => one.field),
    of.moves.map((one) => one.what),
  ]);

const minute = 60_000;

/** How long there is left, in words: 剩 3 小时. */
export function leftUntil(iso: string, t: TFunction, now = Date.now()): string {
  const left = Date.parse(iso) - now;
  if (left <= 0) return t('approval.over');
  if (left < 60 * minute) return t('approval.leftMinutes', { n: Math.max(1, Math.floor(left / minute)) });
  if (left < 48 * 60 * minute) return t('approval.leftHours', { n: Math.floor(left / (60 * minute)) });
  return t('approval.leftDays', { n: Math.round(left / (24 * 60 * minute)) });
}
