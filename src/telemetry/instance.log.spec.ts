import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Logger, type LoggerService } from '@nestjs/common';
import { InstanceLog } from './instance.log.ts';

const lines: string[] = [];
const writer: LoggerService = {
  log: (text: string) => void lines.push(`log ${text}`),
  warn: (text: string) => void lines.push(`warn ${text}`),
  error: (text: string) => void lines.push(`error ${text}`),
};

beforeEach(() => {
  lines.length = 0;
  Logger.overrideLogger(writer);
});
afterEach(() => Logger.overrideLogger(false));

it('says which instances come and go; that there are some at all is no news', () => {
  const log = new InstanceLog();
  log.instancesChanged('orders', { added: ['a:1', 'b:1'], removed: [], count: 2 });
  log.instancesChanged('orders', { added: ['c:1'], removed: ['a:1'], count: 2 });
  log.instancesChanged('orders', { added: ['d:1'], removed: ['b:1', 'c:1'], count: 1 });
  expect(lines).toEqual([
    'log orders: 2 instance(s) +a:1 +b:1',
    'warn orders: 2 instance(s) +c:1 -a:1',
    'warn orders: 1 instance(s) +d:1 -b:1 -c:1',
  ]);
});

it('names ten at most', () => {
  const many = Array.from({ length: 500 }, (_, index) => `a:${index}`);
  new InstanceLog().instancesChanged('orders', { added: many, removed: [], count: 501 });
  expect(lines[0]).toMatch(/\+a:9 \+490 more$/);
});

it('says nothing of a change that is none of addresses', () => {
  new InstanceLog().instancesChanged('orders', { added: [], removed: [], count: 2 });
  expect(lines).toEqual([]);
});

it('says that discovery fails and why, and that it works again', () => {
  const log = new InstanceLog();
  log.discoveryChanged('orders', 'the agent hangs');
  log.discoveryChanged('orders', undefined);
  expect(lines).toEqual([
    'warn orders: discovery fails, what is known stays: the agent hangs',
    'warn orders: discovery works again',
  ]);
});

it('says that an instance is left out, and for how long', () => {
  new InstanceLog().instanceEjected('orders', 'a:1', 5_000);
  expect(lines).toEqual(['warn orders: a:1 fails, left out for 5 s']);
});
