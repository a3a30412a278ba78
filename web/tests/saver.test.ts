import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Saver } from '../src/case/saver';

/** A write that is under way until somebody ends it. */
function slow(): { write: (content: string) => Promise<string>; written: string[]; end: () => void } {
  const written: string[] = [];
  let end = (): void => undefined;
  const write = (content: string): Promise<string> =>
    new Promise((resolve) => {
      end = () => {
        written.push(content);
        resolve('2026-03-02T01:00:00Z');
      };
    });
  return { write, written, end: () => end() };
}

describe('Saver', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hands in only after the write under way, and writes nothing afterwards', async () => {
    const { write, written, end } = slow();
    const saver = new Saver(write, () => undefined);
    saver.keep('first');
    await vi.advanceTimersByTimeAsync(2000);
    saver.keep('second');
    const order: string[] = [];
    const done = saver.handIn(() => {
      order.push(`handed in after ${written.join()}`);
      return Promise.resolve('ok');
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(order).toEqual([]);
    end();
    expect(await done).toBe('ok');
    saver.keep('third');
    saver.flush();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(order).toEqual(['handed in after first']);
    expect(written).toEqual(['first']);
  });

  it('goes on writing when the content was refused', async () => {
    const write = vi.fn((content: string) => Promise.resolve(content));
    const saver = new Saver(write, () => undefined);
    saver.keep('typed');
    await expect(saver.handIn(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(2000);
    expect(write.mock.calls).toEqual([['typed']]);
  });
});
