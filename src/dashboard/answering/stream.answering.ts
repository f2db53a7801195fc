import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Encoding } from '../stream/events.ts';
import { Answering } from './answering.ts';

/** Sends a body that goes on by itself, in Nest's own way: it is destroyed when the caller leaves, and nobody reads it for a HEAD. */
export class StreamAnswering extends Answering<Readable> {
  private readonly encoding: Encoding;
  private readonly adapter: AbstractHttpAdapter;

  constructor(
    encoding: Encoding,
    adapter: AbstractHttpAdapter,
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    super(request, reply);
    this.encoding = encoding;
    this.adapter = adapter;
  }

  protected send(body: Readable): void {
    try {
      this.reply.headers({ 'content-type': this.encoding.contentType, 'x-accel-buffering': 'no' });
      this.adapter.reply(this.reply, new StreamableFile(body));
    } catch (error) {
      // Nobody would read it, and its calls would go on.
      body.destroy();
      throw error;
    }
  }
}
