import type { Socket } from 'node:net';
import { offsetOf, type AnswerBytes, type FaultKind, type FaultOf, type Place } from './faults.ts';

/** How each fault is given: the one table. */

/** One answer on its way to the service. */
export interface Delivery {
  readonly answer: AnswerBytes;
  /** What another user was answered before. */
  readonly other: Buffer | undefined;
  readonly socket: Socket;
  readonly random: () => number;
  /** Which byte it is for a place that moves on. */
  turn(): number;
  /** Runs later, unless the connection is closed by then. */
  later(ms: number, run: () => void): void;
  /** The source is done with the request: call it before the service can see that. */
  readonly over: () => void;
}

type Give<Kind extends FaultKind> = (delivery: Delivery, fault: FaultOf<Kind>) => void;

export const GIVE: { readonly [Kind in FaultKind]: Give<Kind> } = {
  none: (delivery) => whole(delivery),
  latency: (delivery, { ms, jitterMs }) => {
    delivery.later(ms + jitterMs * delivery.random(), () => whole(delivery));
  },
  hang: (delivery, { at }) => upTo(delivery, at),
  reset: (delivery, { at }) => upTo(delivery, at, () => reset(delivery)),
  half_close: (delivery, { at }) => {
    upTo(delivery, at, () => {
      delivery.over();
      delivery.socket.end();
    });
  },
  garbage: (delivery, { at, bytes }) => {
    const { answer, random } = delivery;
    const spoilt = Buffer.from(answer.bytes);
    const from = Math.min(offsetOf(at, answer, delivery.turn()), spoilt.length - 1);
    for (let byte = from; byte < Math.min(from + bytes, spoilt.length); byte += 1)
      spoilt[byte] = 0xf8 + Math.floor(random() * 8);
    write(delivery, spoilt);
  },
  double_answer: (delivery) => {
    const { answer, other = answer.bytes } = delivery;
    write(delivery, Buffer.concat([answer.bytes, other]));
  },
  interim_answer: (delivery) => {
    const interim = Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n');
    write(delivery, Buffer.concat([interim, delivery.answer.bytes]));
  },
  small_packets: (delivery, { bytes }) => piecemeal(delivery, bytes, 0),
  slow_drip: (delivery, { everyMs }) => piecemeal(delivery, 1, everyMs),
  bandwidth: (delivery, { bytesPerSecond }) =>
    piecemeal(delivery, Math.ceil((bytesPerSecond * PACKET_MS) / 1_000), PACKET_MS),
  status: (delivery, { status, retryAfterS }) => {
    const hint = retryAfterS === undefined ? '' : `retry-after: ${retryAfterS}\r\n`;
    write(delivery, Buffer.from(`HTTP/1.1 ${status} No\r\n${hint}content-length: 2\r\n\r\nno`));
  },
  // On a connection that was there before.
  refused_connection: (delivery) => reset(delivery),
  ignored_connection: () => undefined,
  idle_close: (delivery, { afterMs }) => {
    const { socket } = delivery;
    const deliveredBefore = socket.bytesWritten + delivery.answer.bytes.length;
    whole(delivery);
    delivery.later(afterMs, () => {
      // Nothing was asked meanwhile, as far as one can know here.
      if (socket.bytesWritten !== deliveredBefore) return;
      delivery.over();
      socket.end();
    });
  },
};

const PACKET_MS = 20;

function reset({ over, socket }: Delivery): void {
  over();
  socket.resetAndDestroy();
}

const whole = (delivery: Delivery): void => write(delivery, delivery.answer.bytes);

function write(delivery: Delivery, bytes: Buffer): void {
  delivery.over();
  delivery.socket.write(bytes);
}

/** What comes before that place, then that. */
function upTo(delivery: Delivery, at: Place, then: () => void = () => undefined): void {
  const { answer, socket } = delivery;
  const offset = offsetOf(at, answer, delivery.turn());
  if (offset === 0) return then();
  // Before it is on the wire: the service may send the next request as soon as it has all of this answer.
  if (offset === answer.bytes.length) delivery.over();
  socket.write(answer.bytes.subarray(0, offset), () => delivery.later(0, then));
}

function piecemeal(delivery: Delivery, bytes: number, everyMs: number): void {
  const { answer, socket } = delivery;
  const next = (from: number): void => {
    const isLast = from + bytes >= answer.bytes.length;
    if (isLast) delivery.over();
    socket.write(answer.bytes.subarray(from, from + bytes), () => {
      if (!isLast) delivery.later(everyMs, () => next(from + bytes));
    });
  };
  next(0);
}
