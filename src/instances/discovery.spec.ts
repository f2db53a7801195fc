import { describe, expect, it } from '@jest/globals';
import { fixedList } from './discovery.ts';

describe('fixedList', () => {
  it('makes an idle instance of each address, in the order of the list', () => {
    expect(fixedList('http://a:1,https://b:2')).toEqual([
      { origin: 'http://a:1', weight: 1 },
      { origin: 'https://b:2', weight: 1 },
    ]);
  });

  it('counts once what is named twice, also when it is written differently', () => {
    const origins = fixedList('http://a:80, http://a,http://A/,http://b').map(
      ({ origin }) => origin,
    );
    expect(origins).toEqual(['http://a', 'http://b']);
  });

  it('tells two ports and two schemes of one host apart', () => {
    expect(fixedList('http://a:1,http://a:2,https://a:1')).toHaveLength(3);
  });

  it('takes IPv6 addresses', () => {
    expect(fixedList('http://[::1]:8080')).toEqual([{ origin: 'http://[::1]:8080', weight: 1 }]);
  });
});
