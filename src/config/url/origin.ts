import { ValueProblem } from '../variable.ts';

const LISTED = ['http:', 'https:'];

/** Schemes of `…_URL` that stand alone: what they name is a list already. */
const ALONE = ['dns', 'srv', 'consul', 'file'];

/** One instance, `http://host:port`, as `URL` writes it. @throws ValueProblem */
export function parseOrigin(text: string): string {
  if (ALONE.includes(schemeOf(text) ?? ''))
    throw new ValueProblem('must not mix http:// or https:// addresses with other schemes');
  const url = URL.parse(text.trim());
  if (url === null || !LISTED.includes(url.protocol))
    throw new ValueProblem(
      'must be a comma-separated list of http:// or https:// addresses, or one dns://, srv://, consul:// or file:// address',
    );
  refuseCredentials(url);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new ValueProblem('must name hosts and ports only, without a path or a query');
  return url.origin;
}

/** @throws ValueProblem */
export function refuseCredentials({ username, password }: URL): void {
  if (username !== '' || password !== '')
    throw new ValueProblem('must not contain a user or a password');
}

/** What stands before `://`. */
export const schemeOf = (text: string): string | undefined =>
  /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
