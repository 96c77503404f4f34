// One of a few, side by side: native radio buttons, so that arrows move among them and a tab leaves them.
import { useId } from 'react';

interface Props<V extends string> {
  name: string;
  label: string;
  of: readonly V[];
  /** None where what is chosen differs among those it stands for. */
  value: string | undefined;
  set: (value: V) => void;
  words: (value: V) => string;
  wrong?: string | undefined;
}

export function Choice<V extends string>({ name, label, of, value, set, words, wrong }: Props<V>) {
  const id = useId();
  return (
    <span className="stack choice-wrap">
      <span
        className="rule-choice"
        role="radiogroup"
        aria-label={label}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={wrong ? id : undefined}
      >
        {of.map((one) => (
          <label key={one} data-value={one} className={one === value ? 'on' : undefined}>
            <input
              className="hear"
              type="radio"
              name={name}
              value={one}
              checked={one === value}
              onChange={() => set(one)}
            />
            {words(one)}
          </label>
        ))}
      </span>
      {wrong && (
        <span id={id} className="wrong" role="alert">
          {wrong}
        </span>
      )}
    </span>
  );
}
