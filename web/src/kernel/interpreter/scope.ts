import { run, step } from './limits';
import type { Node } from './syntax';
import type { Types } from './typing';
import { type Context, FeelFunction, type List, type Value, entry, isContext } from './values';

/** Where names get their values; undefined for a name that is not there. */
export interface Names {
  find(name: string): Value;
  /** A function by name, for a name followed by `(`. */
  findFunction(name: string): Value;
  readonly types: Types;
}

export class Bound implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly name: string, public value: Value) {
    this.types = outer.types;
  }

  find(name: string): Value {
    return name === this.name ? this.value : this.outer.find(name);
  }

  findFunction(name: string): Value {
    return name === this.name && this.value instanceof FeelFunction ? this.value : this.outer.findFunction(name);
  }
}

/** Inside a filter the entries of the item are names, and `item` is the item unless it has an entry of that name. */
export class Within implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly item: Value) {
    this.types = outer.types;
  }

  find(name: string): Value {
    const own = isContext(this.item) ? entry(this.item, name) : undefined;
    if (own !== undefined) return own;
    return name === 'item' ? this.item : this.outer.find(name);
  }

  findFunction(name: string): Value {
    const own = isContext(this.item) ? entry(this.item, name) : undefined;
    return own instanceof FeelFunction ? own : this.outer.findFunction(name);
  }
}

/** Inside a context its entries are names, a function also sees those that follow it and itself. */
export class Entries implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly entries: Context) {
    this.types = outer.types;
  }

  find(name: string): Value {
    const own = entry(this.entries, name);
    return own === undefined ? this.outer.find(name) : own;
  }

  findFunction(name: string): Value {
    const own = entry(this.entries, name);
    return own instanceof FeelFunction ? own : this.outer.findFunction(name);
  }
}

/** Results of a loop so far: a copy for whoever asks. */
export class Partial implements Names {
  readonly types: Types;

  constructor(private readonly outer: Names, private readonly results: List) {
    this.types = outer.types;
  }

  find(name: string): Value {
    if (name !== 'partial') return this.outer.find(name);
    run.steps += this.results.length;
    step();
    return [...this.results];
  }

  findFunction(name: string): Value {
    return this.outer.findFunction(name);
  }
}

export function bind(names: Names, name: string, value: Value): Names {
  return new Bound(names, name, value);
}

/** An expression ready to run. */
export type Run = (names: Names) => Value;
/** Makes an expression ready to run: handed to those who compile parts of one. */
export type Compile = (node: Node) => Run;
