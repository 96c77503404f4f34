// What an entry says was moved, line by line. Of a role each line names a rule: `fields.customer.phone: masked → clear`.
import { useTranslation } from 'react-i18next';
import { linesOf } from '../../lib/moved';
import { useRuleWords } from '../../parts/rule-words';

export function MovedRules({ text }: { text: string }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  // A field that is not named is hidden; anything else that is not said is none.
  const none = (path: string) => (path.startsWith('fields.') ? t('form.hidden') : '–');
  const value = (path: string, values: string[]) =>
    values.map((one) => (one === '–' ? none(path) : words.value(path, one))).join(t('state.between'));
  return (
    <ul className="moved">
      {linesOf(text).map((line, n) =>
        typeof line === 'string' ? (
          <li key={n}>{line}</li>
        ) : (
          <li key={n}>
            <b>{words.path(line.path)}</b> <span className="quiet">{value(line.path, line.before)}</span>{' '}
            <span aria-hidden="true">→</span> {value(line.path, line.after)}
          </li>
        ),
      )}
    </ul>
  );
}
