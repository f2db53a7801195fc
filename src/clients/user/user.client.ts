import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { CallContext } from '../../outbound/call/call-context.ts';
import { Outbound } from '../../outbound/outbound.ts';
import type { Fetched } from '../../outbound/outbound.interceptor.ts';
import type { SourceClient } from '../source.ts';
import { userSource, type User } from './user.contract.ts';

@Injectable()
export class UserClient implements SourceClient<User> {
  static readonly source = userSource;

  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  fetch(userId: string, context: CallContext): Observable<Fetched<User>> {
    const { name, schema } = userSource;
    return this.outbound.get(name, `/users/${encodeURIComponent(userId)}`, schema, context);
  }
}
