/** The words of a mask for people who hear the page: 手机，已脱敏，后四位 0 0 0 0. */
export function maskSpoken(mask: string): string {
  // Behind the stars alone: the end of a hash, a token or a mail's domain is none of the value.
  const end = /\*([0-9A-Za-z]+)$/.exec(mask)?.[1];
  return end ? end.split('').join(' ') : '';
}
