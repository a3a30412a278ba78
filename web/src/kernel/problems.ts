import { FeelSyntaxError, LimitReached } from './interpreter';
import { NoClock } from './temporal';
import type { KernelProblem } from './types';
import { NoCalendar } from './workdays';

/** Why an expression has no value, without any value of the data. */
export function problemOf(error: unknown): KernelProblem {
  if (error instanceof FeelSyntaxError) return { code: 'syntax', message: error.message, position: error.position };
  if (error instanceof NoClock) return { code: 'no_clock', message: error.message };
  if (error instanceof NoCalendar) return { code: 'no_calendar', message: error.message };
  if (error instanceof LimitReached) return { code: 'limit', message: error.message };
  // V8 words no other RangeError of ours: the stack is at its end.
  if (error instanceof RangeError) return { code: 'limit', message: 'The limit of depth is reached' };
  // Texts of the host end in the values that failed; values are personal data and stay out.
  const reason = error instanceof Error ? (error.message.split(':')[0] ?? '') : '';
  return { code: 'evaluation', message: `The expression cannot be evaluated (${reason})` };
}
