// What was asked for and waits for others: how the page says so, and what of a record waits already.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import ClockCircleOutlined from '@ant-design/icons/ClockCircleOutlined';
import { useTranslation } from 'react-i18next';
import { requestsQuery, rowsOf, type Request, type Waiting } from '../api/approvals';
import { queryClient } from '../api/queries';
import { toast } from '../parts/toasts';
import { language, say } from '../words';
import { near } from './format';

export { waits } from '../api/approvals';

const names = (all: string[]) => all.join(language() === 'en' ? ', ' : '、');

/** For whom it waits and until when, in a sentence. */
export const waitsFor = (one: Pick<Waiting, 'waits_for' | 'approve_until'>): string =>
  one.waits_for.length > 0
    ? say('approval.waits', { names: names(one.waits_for), until: near(one.approve_until) })
    : say('approval.waitsForNobody', { until: near(one.approve_until) });

/** Says that nothing has changed yet, with the way to the request; what waits is asked for again. */
export function tellWaits(waiting: Waiting): void {
  void queryClient.invalidateQueries({ queryKey: ['approvals', 'asked'] });
  toast(waitsFor(waiting), undefined, { request: waiting.id, text: say('approval.open') });
}

/** One's own open requests about a record, asked for when the record is opened. */
export function useWaiting(id: string, wanted = true): Request[] {
  const all = useInfiniteQuery({ ...requestsQuery('asked'), staleTime: 120_000, enabled: wanted });
  return rowsOf(all.data).filter((one) => one.record === id);
}

/** The request by which a field, or where the record stands, is to change. */
export const waitingOf = (all: Request[], what: string): Request | undefined =>
  all.find((one) => one.changes.some(({ field }) => field === what) || one.moves.some((move) => move.what === what));

export function Pending({ of, what }: { of: Request | undefined; what: string }) {
  const { t } = useTranslation();
  if (!of) return null;
  return (
    <Link to="/approvals/$id" params={{ id: of.id }} search={{ box: 'asked' }} className="pending">
      <ClockCircleOutlined aria-hidden="true" />
      {t('approval.pending')}
      <span className="hear">{t('approval.pendingOf', { what })}</span>
    </Link>
  );
}
