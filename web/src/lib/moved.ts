// The ledger's text about a change of rules, taken apart.
const paths =
  /^(name|role|dossiers|highest|inherits|actions|teams|named_teams|regions|industries|bands|own|see_to|clear_to|open_to|weekdays|from_time|to_time|first_day|last_day|fields\.\w+\.\w+)$/;
const sets = /^(inherits|actions|named_teams|regions|industries|bands|weekdays)$/;

export interface MovedLine {
  path: string;
  before: string[];
  after: string[];
}

/** A line that is none of a role's rules stays as it is written. */
export function linesOf(text: string): (MovedLine | string)[] {
  return text.split('\n').map((line) => {
    const at = line.indexOf(': ');
    const [path, rest] = [line.slice(0, Math.max(at, 0)), line.slice(at + 2)];
    const arrow = rest.lastIndexOf(' → ');
    if (!paths.test(path) || arrow < 0) return line;
    const parts = (value: string) => (sets.test(path) ? value.split('、') : [value]);
    return { path, before: parts(rest.slice(0, arrow)), after: parts(rest.slice(arrow + 3)) };
  });
}
