const BROWSERS: readonly (readonly [RegExp, string])[] = [[/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/MicroMessenger/, '微信'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [[/Windows/, 'Windows'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Mac OS/, 'macOS'], [/Linux/, 'Linux']];

/** Browser and system in two words, as people know their devices. */
export function deviceOf(agent: string): string {
  const find = (among: typeof BROWSERS): string => among.find(([pattern]) => pattern.test(agent))?.[1] ?? '';
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(' · ') || agent.slice(0, 40);
}

const METHODS = { pwd: 'method.pwd', otp: 'method.otp', recovery: 'method.recovery', fed: 'method.fed' } as const;

/** The words' key of how somebody proved who they are (RFC 8176); a provider's own methods have one name together. */
export function methodKey(method: string): (typeof METHODS)[keyof typeof METHODS] {
  return method in METHODS ? METHODS[method as keyof typeof METHODS] : METHODS.fed;
}
