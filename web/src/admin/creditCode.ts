const SIGNS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** Whether a 统一社会信用代码 has the right signs and check character (GB 32100). */
export function isCreditCode(text: string): boolean {
  const code = text.trim().toUpperCase();
  if (code.length !== WEIGHTS.length + 1) return false;
  const values = Array.from(code, (sign) => SIGNS.indexOf(sign));
  if (values.includes(-1)) return false;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * (values[index] ?? 0), 0);
  return (31 - (sum % 31)) % 31 === values[WEIGHTS.length];
}
