import { afterEach, describe, it } from '@jest/globals';
import { NotRedis } from '../support/redis-server.ts';
import { expectUnimpressed, replica, stopAfterwards, stopAll } from '../support/replicas.ts';
import { until } from '../support/service.ts';

/** Whatever REDIS_URL leads to, if it is no Redis it costs no answer anything, and the process lives. */

afterEach(stopAll);

describe('what is no Redis changes nothing:', () => {
  it.each([
    ['nobody listens', 'redis://127.0.0.1:9'],
    ['nobody has that name', 'rediss://nowhere.invalid:6380'],
  ])('%s', async (_what, url) => {
    await expectUnimpressed(await replica(url));
  });

  it.each<[string, () => string | Buffer]>([
    ['nothing', () => ''],
    ['a word', () => 'garbage\r\n'],
    ['HTTP', () => 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'],
    ['noise', () => Buffer.from(Array.from({ length: 64 }, () => Math.random() * 256))],
    ['yes to everything', () => '+OK\r\n'.repeat(10)],
    ['no to everything', () => '-ERR no\r\n'.repeat(10)],
    ['nil, over and over', () => '$-1\r\n'.repeat(1_000)],
    ['messages to nobody', () => '>1\r\n+subscribe\r\n>1\r\n_\r\n'],
    ['the beginning of something long', () => '$999999999\r\nabc'],
  ])('it says %s', async (_what, answer) => {
    const impostor = stopAfterwards(await NotRedis.start((socket) => socket.write(answer())));
    await expectUnimpressed(await replica(impostor.url));
    await until(() => impostor.sockets.size === 0, 'every connection is closed');
  });
});
