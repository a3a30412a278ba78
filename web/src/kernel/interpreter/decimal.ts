import BigJs from 'big.js';

/** A constructor of our own: its settings are not those of the forms' amounts. */
const Decimal = BigJs();
Decimal.NE = -7000;
Decimal.PE = 7000;

type Decimal = BigJs;

/** A FEEL number: a safe integer as such, any other decimal of at most 34 digits. */
export type Num = number | Decimal;

const DIGITS = 34;
const HALF_EVEN = 2;
const LARGEST_EXPONENT = 6144;
const SMALLEST_EXPONENT = -6176;
const LONGEST_POWER = 1e6;
const LONGEST_TEXT = 7000;

export function isNumber(value: unknown): value is Num {
  return typeof value === 'number' || value instanceof Decimal;
}

function big(value: Num): Decimal {
  return typeof value === 'number' ? new Decimal(value) : value;
}

/** A decimal in its one form; null when too large. */
function settled(value: Decimal): Num | null {
  let result = value;
  if (result.c.length > DIGITS) result = result.prec(DIGITS, HALF_EVEN);
  if (result.e > LARGEST_EXPONENT) return null;
  if (result.e < SMALLEST_EXPONENT) return 0;
  if (result.e < 16 && result.c.length <= result.e + 1) {
    const whole = Number(result.toString());
    if (Number.isSafeInteger(whole)) return whole + 0;
  }
  return result;
}

/** A number of the host (JSON, Math) as FEEL number; null when it is none. */
export function fromDouble(value: number): Num | null {
  if (Number.isSafeInteger(value)) return value + 0;
  return Number.isFinite(value) ? settled(new Decimal(String(value))) : null;
}

export function readNumber(text: string): Num | null {
  if (!/^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,5})?$/.test(text) || text.length > LONGEST_TEXT) return null;
  return settled(new Decimal(text.replace(/\.(?=$|[eE])/, '').replace(/^(-?)\./, '$10.')));
}


export function toDouble(value: Num): number {
  return typeof value === 'number' ? value : Number(value.toString());
}

export function numberText(value: Num): string {
  return typeof value === 'number' ? String(value) : value.toFixed();
}

export function compareNumbers(a: Num, b: Num): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : Number(a > b);
  return big(a).cmp(big(b));
}

export function isWhole(value: Num): boolean {
  return typeof value === 'number' || value.c.length <= value.e + 1;
}

export function addNumbers(a: Num, b: Num): Num | null {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return settled(big(a).plus(big(b)));
}

export function negated(value: Num): Num {
  return typeof value === 'number' ? 0 - value : value.times(-1);
}

export function subtractNumbers(a: Num, b: Num): Num | null {
  return addNumbers(a, negated(b));
}

export function multiplyNumbers(a: Num, b: Num): Num | null {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return settled(big(a).times(big(b)));
}

export function divideNumbers(a: Num, b: Num): Num | null {
  if (b === 0) return null;
  if (a === 0) return 0;
  if (typeof a === 'number' && typeof b === 'number') {
    const quotient = a / b;
    if (Number.isSafeInteger(quotient) && quotient * b === a) return quotient + 0;
  }
  const [dividend, divisor] = [big(a), big(b)];
  // Cut after many more digits and rounded once: rounding twice may be wrong in the last digit.
  Decimal.DP = Math.max(0, DIGITS + 20 - (dividend.e - divisor.e));
  Decimal.RM = 0;
  return settled(dividend.div(divisor));
}

export function power(a: Num, b: Num): Num | null {
  if (!isWhole(b)) {
    const logarithmOf = logarithm(a);
    const product = a === 0 ? null : logarithmOf === null ? null : multiplyNumbers(logarithmOf, b);
    if (a === 0) return compareNumbers(b, 0) > 0 ? 0 : null;
    return product === null ? null : exponential(product);
  }
  const exponent = toDouble(b);
  if (exponent === 0) return 1;
  if (a === 0) return exponent < 0 ? null : 0;
  if (a === 1) return 1;
  if (a === -1) return exponent % 2 === 0 ? 1 : -1;
  if (Math.abs(exponent) > LONGEST_POWER) return Math.abs(toDouble(a)) < 1 === exponent > 0 ? 0 : null;
  let result: Num | null = 1;
  let square: Num | null = a;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === null || square === null ? null : multiplyNumbers(result, square);
    if (rest > 1) square = square === null ? null : multiplyNumbers(square, square);
  }
  if (exponent > 0 || result === null) return exponent > 0 ? result : 0;
  return result === 0 ? null : divideNumbers(1, result);
}

export function squareRoot(value: Num): Num | null {
  const radicand = big(value);
  if (radicand.lt(0)) return null;
  Decimal.DP = Math.max(0, DIGITS + 2 - Math.floor(radicand.e / 2));
  Decimal.RM = HALF_EVEN;
  return settled(radicand.sqrt());
}

/** Digits of series: more than are kept, so that the kept ones are right. */
const WORKING_DIGITS = 48;
/** Beyond it e to the power of it is no decimal any more. */
const LARGEST_POWER = 14_200;

/** e to the power of a decimal by its series, halved until it converges fast. */
function exponentialOf(exponent: Decimal): Decimal {
  Decimal.DP = WORKING_DIGITS;
  Decimal.RM = HALF_EVEN;
  const halvings = Math.max(0, Math.ceil(Math.log2(Math.abs(Number(exponent.toString())) + 1)) + 8);
  const small = exponent.div(new Decimal(2 ** halvings));
  let sum = new Decimal(1);
  let term = new Decimal(1);
  for (let index = 1; index < 60 && !term.eq(0); index += 1) {
    term = term.times(small).div(index).round(WORKING_DIGITS, HALF_EVEN);
    sum = sum.plus(term);
  }
  for (let index = 0; index < halvings; index += 1) sum = sum.times(sum).prec(WORKING_DIGITS, HALF_EVEN);
  return sum;
}

export function exponential(value: Num): Num | null {
  const double = toDouble(value);
  if (double > LARGEST_POWER) return null;
  return double < -LARGEST_POWER ? 0 : settled(exponentialOf(big(value)));
}

/** The natural logarithm: what the host knows, made exact by Halley's method; null of what is not above zero. */
export function logarithm(value: Num): Num | null {
  const exact = big(value);
  if (exact.lte(0)) return null;
  // A decimal may be too large or small for a double: its power of ten apart.
  const mantissa = Number(exact.div(new Decimal(`1e${String(exact.e)}`)).toString());
  let result = new Decimal(String(Math.log(mantissa) + exact.e * Math.LN10));
  for (let round = 0; round < 2; round += 1) {
    const reached = exponentialOf(result);
    Decimal.DP = WORKING_DIGITS;
    result = result.plus(exact.minus(reached).times(2).div(exact.plus(reached)));
  }
  return settled(result.round(WORKING_DIGITS - 8, HALF_EVEN));
}

/** Directions of rounding: towards zero, away from zero, to the nearest, down and up the number line. */
export type Rounding = 'down' | 'up' | 'halfDown' | 'halfUp' | 'halfEven' | 'floor' | 'ceiling';

/** Rounds to `scale` places after the point (before it when negative); null when the scale is not that of a decimal. */
export function rounded(value: Num, scale: number, rounding: Rounding): Num | null {
  if (!Number.isInteger(scale) || scale < -6111 || scale > 6176) return null;
  if (typeof value === 'number' && scale >= 0) return value;
  const exact = big(value);
  const negative = exact.lt(0);
  switch (rounding) {
    case 'down': return settled(exact.round(scale, 0));
    case 'up': return settled(exact.round(scale, 3));
    case 'halfUp': return settled(exact.round(scale, 1));
    case 'halfEven': return settled(exact.round(scale, 2));
    case 'floor': return settled(exact.round(scale, negative ? 3 : 0));
    case 'ceiling': return settled(exact.round(scale, negative ? 0 : 3));
    case 'halfDown': {
      const cut = exact.round(scale, 0);
      const half = new Decimal(`5e${String(-scale - 1)}`);
      return settled(exact.minus(cut).abs().gt(half) ? exact.round(scale, 3) : cut);
    }
  }
}

export function modulo(a: Num, b: Num): Num | null {
  if (b === 0) return null;
  if (typeof a === 'number' && typeof b === 'number') {
    const rest = a % b;
    return (rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest) + 0;
  }
  const quotient = divideNumbers(a, b);
  const whole = quotient === null ? null : rounded(quotient, 0, 'floor');
  const product = whole === null ? null : multiplyNumbers(b, whole);
  return product === null ? null : subtractNumbers(a, product);
}
