import { useEffect, useMemo, useState } from 'react';

export type SaveState = { kind: 'idle' } | { kind: 'saving' } | { kind: 'saved'; at: string } | { kind: 'failed' };

const PAUSE_MS = 1500;
const AGAIN_MS = 6000;

/** Writes what is typed: after a pause, one write at a time, only the newest, again while it fails. */
export class Saver<T> {
  private waiting: T | null = null;
  private writing = false;
  private written: Promise<void> = Promise.resolve();
  private stopped = false;
  private failed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Answers when it was kept (ISO 8601). */
    private readonly write: (content: T) => Promise<string>,
    private readonly tell: (state: SaveState) => void,
  ) {}

  keep(content: T): void {
    this.waiting = content;
    if (this.stopped) return;
    if (!this.writing) this.tell({ kind: 'idle' });
    this.plan(PAUSE_MS);
  }

  /** Writes what waits at once: the page is being left. */
  flush(): void {
    clearTimeout(this.timer);
    this.send();
  }

  /** Hands the content in: no write may overtake it, and none follows once it is in; when it is refused, writing goes on. */
  async handIn<R>(work: () => Promise<R>): Promise<R> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.written;
    try {
      const answer = await work();
      this.waiting = null;
      return answer;
    } catch (refusal) {
      this.stopped = false;
      if (this.waiting !== null) this.plan(PAUSE_MS);
      throw refusal;
    }
  }

  private plan(pause: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  private send(): void {
    const content = this.waiting;
    if (content === null || this.writing || this.stopped) return;
    this.waiting = null;
    this.failed = false;
    this.writing = true;
    this.tell({ kind: 'saving' });
    this.written = this.write(content)
      .then(
        (at) => this.tell(this.waiting === null ? { kind: 'saved', at } : { kind: 'idle' }),
        () => {
          this.failed = true;
          this.waiting ??= content;
          this.tell({ kind: 'failed' });
        },
      )
      .finally(() => {
        this.writing = false;
        if (this.waiting !== null && !this.stopped) this.plan(this.failed ? AGAIN_MS : PAUSE_MS);
      });
  }
}

/** A saver for the life of a page; `write` must be stable. */
export function useSaver<T>(write: (content: T) => Promise<string>): { state: SaveState; saver: Saver<T> } {
  const [state, setState] = useState<SaveState>({ kind: 'idle' });
  const saver = useMemo(() => new Saver(write, setState), [write]);
  useEffect(() => {
    const hidden = (): void => {
      if (document.visibilityState === 'hidden') saver.flush();
    };
    document.addEventListener('visibilitychange', hidden);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      saver.flush();
    };
  }, [saver]);
  return { state, saver };
}
