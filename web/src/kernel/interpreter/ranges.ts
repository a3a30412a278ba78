import { builtIn } from './signature';
import { FeelRange, type Value, compare, contains, equal } from './values';

/** A point is the range of itself. Null where the ends have no order. */
type Relation = (a: FeelRange, b: FeelRange) => boolean | null;

function ranged(value: Value): FeelRange {
  return value instanceof FeelRange ? value : new FeelRange(value, value, true, true);
}

function order(a: Value, b: Value): number | null {
  return a === null || b === null ? null : compare(a, b);
}

/** True when every part is, null when one of them is not known. */
function both(...parts: (boolean | null)[]): boolean | null {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

function test(found: number | null, condition: (order: number) => boolean): boolean | null {
  return found === null ? null : condition(found);
}

const before: Relation = (a, b) => test(order(a.end, b.start), (found) => found < 0 || (found === 0 && (!a.endIncluded || !b.startIncluded)));

const meets: Relation = (a, b) => both(a.endIncluded, b.startIncluded, equal(a.end, b.start));

const overlaps: Relation = (a, b) => {
  const parts = [before(a, b), before(b, a)];
  return parts.includes(null) ? null : !parts.includes(true);
};

/** `a` begins before `b` does. */
const beginsBefore: Relation = (a, b) => test(order(a.start, b.start), (found) => found < 0 || (found === 0 && a.startIncluded && !b.startIncluded));

/** `a` ends before `b` does. */
const endsBefore: Relation = (a, b) => test(order(a.end, b.end), (found) => found < 0 || (found === 0 && !a.endIncluded && b.endIncluded));

const not = (value: boolean | null): boolean | null => (value === null ? null : !value);

const overlapsBefore: Relation = (a, b) => both(beginsBefore(a, b), overlaps(a, b), not(endsBefore(b, a)));

const sameStart: Relation = (a, b) => both(equal(a.start, b.start), a.startIncluded === b.startIncluded);
const sameEnd: Relation = (a, b) => both(equal(a.end, b.end), a.endIncluded === b.endIncluded);

/** `b` lies within `a`. */
const includes: Relation = (a, b) => both(not(beginsBefore(b, a)), not(endsBefore(a, b)));

const starts: Relation = (a, b) => both(sameStart(a, b), not(endsBefore(b, a)));
const finishes: Relation = (a, b) => both(sameEnd(a, b), not(beginsBefore(a, b)));

const pointStarts: Relation = (point, range) => both(range.startIncluded, equal(point.start, range.start));
const pointFinishes: Relation = (point, range) => both(range.endIncluded, equal(point.start, range.end));
const coincides: Relation = (a, b) => both(sameStart(a, b), sameEnd(a, b));

const call = (relation: Relation) => (a: Value, b: Value): boolean | null => relation(ranged(a), ranged(b));
const turned = (relation: Relation): Relation => (a, b) => relation(b, a);
const inside: Relation = (point, range) => contains(range, point.start);

const POINTS = 'point1: point, point2: point';
const POINT_RANGE = 'point: point, range: range';
const RANGE_POINT = 'range: range, point: point';
const RANGES = 'range1: range, range2: range';

export const ranges = {
  before: builtIn([POINTS, call(before)], [POINT_RANGE, call(before)], [RANGE_POINT, call(before)], [RANGES, call(before)]),
  after: builtIn(
    [POINTS, call(turned(before))], [POINT_RANGE, call(turned(before))], [RANGE_POINT, call(turned(before))], [RANGES, call(turned(before))],
  ),
  meets: builtIn([RANGES, call(meets)]),
  'met by': builtIn([RANGES, call(turned(meets))]),
  overlaps: builtIn([RANGES, call(overlaps)]),
  'overlaps before': builtIn([RANGES, call(overlapsBefore)]),
  'overlaps after': builtIn([RANGES, call(turned(overlapsBefore))]),
  finishes: builtIn([POINT_RANGE, call(pointFinishes)], [RANGES, call(finishes)]),
  'finished by': builtIn([RANGE_POINT, call(turned(pointFinishes))], [RANGES, call(turned(finishes))]),
  includes: builtIn([RANGE_POINT, call(turned(inside))], [RANGES, call(includes)]),
  during: builtIn([POINT_RANGE, call(inside)], [RANGES, call(turned(includes))]),
  starts: builtIn([POINT_RANGE, call(pointStarts)], [RANGES, call(starts)]),
  'started by': builtIn([RANGE_POINT, call(turned(pointStarts))], [RANGES, call(turned(starts))]),
  coincides: builtIn([POINTS, call((a, b) => equal(a.start, b.start))], [RANGES, call(coincides)]),
};
