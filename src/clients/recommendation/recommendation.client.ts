import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { CallContext } from '../../outbound/call/call-context.ts';
import { Outbound } from '../../outbound/outbound.ts';
import type { Fetched } from '../../outbound/outbound.interceptor.ts';
import type { SourceClient } from '../source.ts';
import { recommendationSource, type Recommendations } from './recommendation.contract.ts';

@Injectable()
export class RecommendationClient implements SourceClient<Recommendations> {
  static readonly source = recommendationSource;

  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  fetch(userId: string, context: CallContext): Observable<Fetched<Recommendations>> {
    const { name, schema } = recommendationSource;
    return this.outbound.get(
      name,
      `/recommendations/${encodeURIComponent(userId)}`,
      schema,
      context,
    );
  }
}
