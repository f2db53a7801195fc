import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { CallContext } from '../../outbound/call/call-context.ts';
import { Outbound } from '../../outbound/outbound.ts';
import type { Fetched } from '../../outbound/outbound.interceptor.ts';
import type { SourceClient } from '../source.ts';
import { orderSource, type Orders } from './order.contract.ts';

@Injectable()
export class OrderClient implements SourceClient<Orders> {
  static readonly source = orderSource;

  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  fetch(userId: string, context: CallContext): Observable<Fetched<Orders>> {
    const { name, schema } = orderSource;
    return this.outbound.get(
      name,
      `/orders?user_id=${encodeURIComponent(userId)}`,
      schema,
      context,
    );
  }
}
