import { parseDate, parseDateTime, parseDuration, parseTime } from './calendar';
import { readNumber } from './decimal';
import { KEYWORDS, KnownNames, Reader, normalName } from './reader';
import { limits } from './limits';
import { type Arithmetic, FeelSyntaxError, type Iteration, type Node, type TypeNode } from './syntax';
import type { Comparison, Value } from './values';

/** What `@"…"` may hold; null for any other text. */
export function temporalOf(text: string): Value {
  return parseDate(text) ?? (/^-?\d+-\d\d-\d\dT/.test(text) ? parseDateTime(text) : null) ?? parseTime(text) ?? parseDuration(text);
}

const COMPARISONS: readonly Comparison[] = ['<=', '>=', '!=', '<', '>', '='];
const TYPE_NAMES = ['date and time', 'days and time duration', 'years and months duration', 'day time duration', 'year month duration'];
const MOST_ATTEMPTS = 3000;
const TYPES = new KnownNames(TYPE_NAMES);

export class Parser extends Reader {
  /** A `[` here may be the end of a range: `]1..5[`. */
  private rangeEnd = false;
  private attempts = 0;

  constructor(source: string, private known: KnownNames) {
    super(source);
    if (source.length > limits.source) this.fail('The expression is too long');
  }

  private node<T extends object>(from: number, parts: T): T & { from: number; to: number } {
    let to = this.pos;
    while (to > from && /\s/.test(this.source[to - 1] ?? '')) to -= 1;
    return { ...parts, from, to };
  }

  /** Names read within know one more name. */
  private knowing<T>(names: Iterable<string>, read: () => T): T {
    const outer = this.known;
    this.known = new KnownNames(names, outer);
    try {
      return read();
    } finally {
      this.known = outer;
    }
  }

  private attempt<T>(read: () => T): T | null {
    const at = this.pos;
    try {
      this.attempts += 1;
      // Each may hold others: without a bound a short text could be read for ever.
      if (this.attempts > MOST_ATTEMPTS) this.fail('The expression is too complex');
      return read();
    } catch (error) {
      if (!(error instanceof FeelSyntaxError)) throw error;
      this.pos = at;
      return null;
    }
  }

  whole(): Node {
    const node = this.expression();
    if (this.pos < this.source.length) this.unexpected();
    return node;
  }

  unaryTests(): Node {
    const from = this.pos;
    if (this.take('-')) {
      if (this.pos >= this.source.length) return this.node(from, { type: 'tests', negated: false, tests: null } as const);
      this.pos = from;
    }
    const negated = this.attempt(() => {
      this.expectWord('not');
      this.expect('(');
      const tests = this.tests();
      this.expect(')');
      return this.pos < this.source.length ? this.unexpected() : tests;
    });
    if (negated) return this.node(from, { type: 'tests', negated: true, tests: negated } as const);
    this.pos = from;
    const tests = this.tests();
    if (this.pos < this.source.length) this.unexpected();
    return this.node(from, { type: 'tests', negated: false, tests } as const);
  }

  private tests(): Node[] {
    const tests = [this.test()];
    while (this.take(',')) tests.push(this.test());
    return tests;
  }

  private comparison(): Comparison | null {
    return COMPARISONS.find((sign) => this.take(sign)) ?? null;
  }

  private test(): Node {
    const from = this.pos;
    const operator = this.comparison();
    if (!operator) return this.expression();
    return this.node(from, { type: 'test', operator, operand: this.additive() } as const);
  }

  expression(): Node {
    return this.deeper(() => this.disjunction());
  }

  private disjunction(): Node {
    const from = this.pos;
    let left = this.conjunction();
    while (this.takeWord('or')) left = this.node(from, { type: 'logic', every: false, left, right: this.conjunction() } as const);
    return left;
  }

  private conjunction(): Node {
    const from = this.pos;
    let left = this.relation();
    while (this.takeWord('and')) left = this.node(from, { type: 'logic', every: true, left, right: this.relation() } as const);
    return left;
  }

  private relation(): Node {
    const from = this.pos;
    let left = this.additive();
    for (;;) {
      const operator = this.comparison();
      if (operator) left = this.node(from, { type: 'compare', operator, left, right: this.additive() } as const);
      else if (this.takeWord('between')) {
        const low = this.additive();
        this.expectWord('and');
        left = this.node(from, { type: 'between', value: left, low, high: this.additive() } as const);
      } else if (this.takeWord('in')) left = this.node(from, { type: 'in', value: left, tests: this.inTests() } as const);
      else return left;
    }
  }

  /** `in (1, > 5)`, `in < 5`, `in [1..5]`. */
  private inTests(): Node[] {
    if (this.looking('(')) {
      const list = this.attempt(() => {
        this.expect('(');
        const tests = this.tests();
        this.expect(')');
        return tests;
      });
      if (list) return list;
    }
    const from = this.pos;
    const operator = this.comparison();
    const operand = this.additive();
    return [operator ? this.node(from, { type: 'test', operator, operand } as const) : operand];
  }

  private binary(next: () => Node, operators: readonly Arithmetic[]): Node {
    const from = this.pos;
    let left = next();
    for (;;) {
      const operator = operators.find((sign) => !(sign === '*' && this.looking('**')) && this.take(sign));
      if (!operator) return left;
      left = this.node(from, { type: 'arithmetic', operator, left, right: next() } as const);
    }
  }

  private readonly additive = (): Node => this.binary(this.multiplicative, ['+', '-']);
  private readonly multiplicative = (): Node => this.binary(this.exponentiation, ['*', '/']);
  private readonly exponentiation = (): Node => this.binary(this.negation, ['**']);

  private readonly negation = (): Node => {
    const from = this.pos;
    if (this.take('-')) return this.deeper(() => this.node(from, { type: 'negation', operand: this.negation() } as const));
    return this.instance();
  };

  private instance(): Node {
    const from = this.pos;
    let value = this.postfix();
    while (this.takeWord('instance')) {
      this.expectWord('of');
      value = this.node(from, { type: 'instance', value, of: this.typeName() } as const);
    }
    return value;
  }

  private postfix(): Node {
    const from = this.pos;
    let target = this.primary();
    for (;;) {
      if (this.looking('.') && !this.looking('..')) {
        this.take('.');
        target = this.node(from, { type: 'path', target, name: this.name(this.known) } as const);
      } else if (this.looking('[')) {
        const filter = this.filter();
        if (!filter) return target;
        target = this.node(from, { type: 'filter', target, filter } as const);
      } else if (this.looking('(')) target = this.call(from, target);
      else return target;
    }
  }

  private filter(): Node | null {
    const at = this.pos;
    const mayEnd = this.rangeEnd;
    const read = (): Node => {
      this.expect('[');
      this.rangeEnd = false;
      const filter = this.expression();
      this.expect(']');
      return filter;
    };
    try {
      if (!mayEnd) return read();
      const filter = this.attempt(read);
      if (filter && /^(?:\.(?!\.)|[\])[(])/.test(this.source.slice(this.pos, this.pos + 2))) return filter;
      this.pos = at;
      return null;
    } finally {
      this.rangeEnd = mayEnd;
    }
  }

  /** Reads inside brackets, where no range can end outside of them. */
  private inside<T>(read: () => T): T {
    const outer = this.rangeEnd;
    this.rangeEnd = false;
    try {
      return read();
    } finally {
      this.rangeEnd = outer;
    }
  }

  private call(from: number, target: Node): Node {
    return this.inside(() => {
      this.expect('(');
      const args: Node[] = [];
      const names: string[] = [];
      while (!this.looking(')')) {
        if (args.length > 0) this.expect(',');
        const name = this.keyed();
        if (name !== null) names.push(name);
        else if (names.length > 0) this.unexpected();
        args.push(this.expression());
        if (name === null && names.length > 0) this.unexpected();
      }
      this.expect(')');
      if (names.length > 0 && names.length !== args.length) this.unexpected();
      return this.node(from, { type: 'call', target, args, ...(names.length > 0 ? { names } : {}) } as const);
    });
  }

  private primary(): Node {
    const from = this.pos;
    const char = this.source[from] ?? '';
    if (char === '"') return this.literal(from, this.text());
    if (char === '@') return this.atLiteral(from);
    if (char === '(') return this.parenthesis();
    if (char === '[' || char === ']') return this.brackets();
    if (char === '{') return this.context();
    if (char === '?') {
      this.take('?');
      return this.node(from, { type: 'name', name: '?' } as const);
    }
    if (char === '`') return this.quotedName();
    const number = this.number();
    if (number !== null) {
      const value = readNumber(number);
      if (this.identifierAt(from + number.length) !== null) this.unexpected();
      return this.literal(from, value);
    }
    return this.worded(from);
  }

  private literal(from: number, value: Value): Node {
    return this.node(from, { type: 'literal', value } as const);
  }

  private atLiteral(from: number): Node {
    this.pos += 1;
    if (!this.looking('"')) this.unexpected();
    return this.literal(from, temporalOf(this.text()));
  }

  private quotedName(): Node {
    const from = this.pos;
    const end = this.source.indexOf('`', from + 1);
    if (end < 0) this.unexpected();
    const name = normalName(this.source.slice(from + 1, end));
    this.pos = end + 1;
    this.skip();
    return this.node(from, { type: 'name', name } as const);
  }

  private worded(from: number): Node {
    const word = this.word();
    if (word === null) this.unexpected();
    if (KEYWORDS.has(word) && !this.known.find(word, this.source, from)) {
      switch (word) {
        case 'null': this.takeWord(word); return this.literal(from, null);
        case 'true': this.takeWord(word); return this.literal(from, true);
        case 'false': this.takeWord(word); return this.literal(from, false);
        case 'if': return this.deeper(() => this.conditional());
        case 'for': return this.deeper(() => this.loop());
        case 'some':
        case 'every': return this.deeper(() => this.quantified());
        case 'function': return this.deeper(() => this.definition());
        default: this.unexpected();
      }
    }
    return this.node(from, { type: 'name', name: this.name(this.known) } as const);
  }

  private conditional(): Node {
    const from = this.pos;
    this.expectWord('if');
    const condition = this.expression();
    this.expectWord('then');
    const yes = this.expression();
    this.expectWord('else');
    return this.node(from, { type: 'if', condition, yes, no: this.expression() } as const);
  }

  /** `a in list, b in 1..a`: each may read the ones before. */
  private iterations(then: () => Node): { iterations: Iteration[]; body: Node } {
    const iterations: Iteration[] = [];
    const next = (): Node => {
      const iteration = this.iteration();
      iterations.push(iteration);
      return this.knowing([iteration.name], () => (this.take(',') ? next() : then()));
    };
    const body = next();
    return { iterations, body };
  }

  /** Words up to the `in` of an iteration: a name may hold signs and spaces. */
  private iterationName(): string {
    const first = this.word();
    if (first === null || KEYWORDS.has(first)) this.unexpected();
    const words: string[] = [];
    for (;;) {
      const part = /[^\s,()[\]{}"]+/y;
      part.lastIndex = this.pos;
      const found = part.exec(this.source)?.[0];
      if (found === undefined) this.unexpected();
      if (found === 'in' && words.length > 0) return normalName(words.join(' '));
      words.push(found);
      this.pos += found.length;
      this.skip();
    }
  }

  private iteration(): Iteration {
    const name = this.iterationName();
    this.expectWord('in');
    const domain = this.expression();
    return { name, domain, ...(this.take('..') ? { end: this.expression() } : {}) };
  }

  private loop(): Node {
    const from = this.pos;
    this.expectWord('for');
    const { iterations, body } = this.iterations(() => {
      this.expectWord('return');
      return this.expression();
    });
    return this.node(from, { type: 'for', iterations, body } as const);
  }

  private quantified(): Node {
    const from = this.pos;
    const every = this.takeWord('every');
    if (!every) this.expectWord('some');
    const { iterations, body } = this.iterations(() => {
      this.expectWord('satisfies');
      return this.expression();
    });
    return this.node(from, { type: 'quantified', every, iterations, body } as const);
  }

  private definition(): Node {
    const from = this.pos;
    this.expectWord('function');
    this.expect('(');
    const parameters: { name: string; as?: TypeNode }[] = [];
    while (!this.looking(')')) {
      if (parameters.length > 0) this.expect(',');
      const name = this.keyed();
      if (name !== null) parameters.push({ name, as: this.typeName() });
      else {
        const match = /[^,():]+/y;
        match.lastIndex = this.pos;
        const bare = match.exec(this.source)?.[0] ?? '';
        if (this.word() === null) this.unexpected();
        this.pos += bare.length;
        parameters.push({ name: normalName(bare) });
      }
    }
    this.expect(')');
    const external = this.takeWord('external');
    const body = this.knowing(parameters.map(({ name }) => name), () => this.expression());
    return this.node(from, { type: 'function', parameters, body, external } as const);
  }

  private context(): Node {
    const from = this.pos;
    return this.inside(() => this.deeper(() => {
      this.expect('{');
      const entries: [string, Node][] = [];
      const outer = this.known;
      this.known = new KnownNames([], outer);
      while (!this.looking('}')) {
        if (entries.length > 0) this.expect(',');
        const key = this.looking('"') ? this.text() : null;
        if (key !== null) this.expect(':');
        const name = key ?? this.keyed() ?? this.unexpected();
        entries.push([name, this.expression()]);
        this.known.add(name);
      }
      this.known = outer;
      this.expect('}');
      return this.node(from, { type: 'context', entries } as const);
    }));
  }

  /** After `start..` up to the bracket that closes the range. */
  private restOfRange(from: number, start: Node, startIncluded: boolean): Node {
    const outer = this.rangeEnd;
    this.rangeEnd = true;
    const end = this.additive();
    this.rangeEnd = outer;
    const endIncluded = this.looking(']');
    if (!this.take(']') && !this.take(')')) this.expect('[');
    return this.node(from, { type: 'range', start, end, startIncluded, endIncluded } as const);
  }

  /** `(a)`, `(< 5)`, `(1..5]`. */
  private parenthesis(): Node {
    const from = this.pos;
    return this.inside(() => this.deeper(() => {
      this.expect('(');
      const inner = this.test();
      if (inner.type !== 'test' && this.take('..')) return this.restOfRange(from, inner, false);
      this.expect(')');
      return inner;
    }));
  }

  /** `[a, b]`, `[1..5)`, `]1..5[`. */
  private brackets(): Node {
    const from = this.pos;
    return this.inside(() => this.deeper(() => {
      if (this.take(']')) {
        const start = this.additive();
        this.expect('..');
        return this.restOfRange(from, start, false);
      }
      this.expect('[');
      const items: Node[] = [];
      while (!this.looking(']')) {
        if (items.length > 0) this.expect(',');
        items.push(this.test());
        if (items.length === 1 && items[0] && this.take('..')) return this.restOfRange(from, items[0], true);
      }
      this.expect(']');
      return this.node(from, { type: 'list', items } as const);
    }));
  }

  typeName(): TypeNode {
    return this.deeper(() => {
      const word = this.word();
      if (word === 'function') return this.functionType();
      if (word === 'list' || word === 'range' || word === 'context') {
        const at = this.pos;
        this.takeWord(word);
        if (this.take('<')) {
          const type = word === 'context' ? this.contextType() : word === 'list' ? { list: this.typeName() } : { range: this.typeName() };
          this.expect('>');
          return type;
        }
        this.pos = at;
      }
      return this.plainType();
    });
  }

  private plainType(): TypeNode {
    if (this.takeWord('null')) return { name: 'Null' };
    const word = this.word();
    if (word === null) this.unexpected();
    const known = TYPES.find(word, this.source, this.pos);
    if (known) {
      this.pos = known.to;
      this.skip();
      return { name: known.name };
    }
    let name = this.name(this.known);
    while (this.looking('.') && !this.looking('..')) {
      this.take('.');
      name = `${name}.${this.name(this.known)}`;
    }
    return { name };
  }

  private contextType(): TypeNode {
    const context: [string, TypeNode][] = [];
    if (this.looking('>')) return { context };
    do {
      const name = this.keyed() ?? this.unexpected();
      context.push([name, this.typeName()]);
    } while (this.take(','));
    return { context };
  }

  private functionType(): TypeNode {
    this.expectWord('function');
    if (!this.take('<')) return { name: 'function' };
    const parameters: TypeNode[] = [];
    while (!this.looking('>')) {
      if (parameters.length > 0) this.expect(',');
      parameters.push(this.typeName());
    }
    this.expect('>');
    this.expect('->');
    return { parameters, result: this.typeName() };
  }
}
