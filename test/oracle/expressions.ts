// A small SQL scalar evaluator: enough for the conformance cases and the random worlds, with the semantics of the
// design: three-valued logic, `/` is float64, x/0 and non-finite results are null, int64 overflow is a fault.
import { compareValues, finite, isFloat, isInteger, type Value } from './values.ts';
import { itemAt } from './world.ts';

export type Columns = Readonly<Record<string, string>>;
export type Row = Readonly<Record<string, Value>>;
export interface Expression {
  readonly type: string; // one of our types, or 'null' for the literal
  evaluate(row: Row): Value; // throws ExpressionFault
}

/** Int overflow in a row. Only a result that uses the row fails. */
export class ExpressionFault extends Error {}

const TOKEN =
  /\s*(?:(\d+\.\d*(?:e[-+]?\d+)?|\.\d+|\d+e[-+]?\d+|\d+)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([a-z_]\w*)|(<>|!=|<=|>=|[-+*/(),=<>]))/iy;
type Token = { kind: 'number' | 'text' | 'column' | 'word' | 'symbol' | 'end'; text: string };

function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < sql.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(sql);
    if (!match) throw new Error(`cannot read expression at ${at}: ${sql}`);
    const [, number, text, column, word, symbol] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'") });
    else if (column !== undefined) tokens.push({ kind: 'column', text: column.replaceAll('""', '"') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'symbol', text: symbol ?? '' });
  }
  return [...tokens, { kind: 'end', text: '' }];
}

/** Parses an expression over typed columns. Precedence, lowest first: OR, AND, NOT, comparison, + -, * /, unary -. */
export function parseExpression(sql: string, columns: Columns): Expression {
  const tokens = tokenize(sql);
  let position = 0;

  const next = () => itemAt(tokens, position);
  const isWord = (text: string) => next().kind === 'word' && next().text.toUpperCase() === text;
  const isSymbol = (text: string) => next().kind === 'symbol' && next().text === text;
  const accept = (text: string) => (isWord(text) || isSymbol(text)) && position++ >= 0;
  const expect = (text: string) => {
    if (!accept(text)) throw new Error(`expected ${text} but found "${next().text}" in: ${sql}`);
  };
  const list = (): Expression[] => {
    expect('(');
    const items = [or()];
    while (accept(',')) items.push(or());
    expect(')');
    return items;
  };

  function or(): Expression {
    let left = and();
    while (accept('OR')) left = disjunction(left, and());
    return left;
  }
  function and(): Expression {
    let left = not();
    while (accept('AND')) left = negation(disjunction(negation(left), negation(not())));
    return left;
  }
  function not(): Expression {
    return accept('NOT') ? negation(not()) : predicate();
  }
  function predicate(): Expression {
    let left = additive();
    for (;;) {
      const symbol = ['=', '<>', '!=', '<', '<=', '>', '>='].find((text) => accept(text));
      if (symbol) left = comparison(symbol, left, additive());
      else if (accept('IS')) {
        const negated = accept('NOT');
        expect('NULL');
        const tested = left;
        left = { type: 'bool', evaluate: (row) => (tested.evaluate(row) === null) !== negated };
      } else {
        const negated = accept('NOT');
        if (accept('IN')) {
          const tested = left;
          left = list()
            .map((item) => comparison('=', tested, item))
            .reduce(disjunction);
        } else if (accept('BETWEEN')) {
          const low = additive();
          expect('AND');
          const high = additive();
          const outside = disjunction(comparison('<', left, low), comparison('>', left, high));
          left = negation(outside);
        } else return left;
        if (negated) left = negation(left);
      }
    }
  }
  function additive(): Expression {
    let left = product();
    for (let symbol = ['+', '-'].find(accept); symbol; symbol = ['+', '-'].find(accept)) {
      left = arithmetic(symbol, left, product());
    }
    return left;
  }
  function product(): Expression {
    let left = unary();
    for (let symbol = ['*', '/'].find(accept); symbol; symbol = ['*', '/'].find(accept)) {
      left = arithmetic(symbol, left, unary());
    }
    return left;
  }
  function unary(): Expression {
    return accept('-') ? arithmetic('-', literal('int64', 0n), unary()) : primary();
  }
  function primary(): Expression {
    if (accept('(')) {
      const inner = or();
      expect(')');
      return inner;
    }
    if (accept('CASE')) return caseWhen();
    const token = next();
    position++;
    if (token.kind === 'number') {
      return /^\d+$/.test(token.text) ? literal('int64', BigInt(token.text)) : literal('float64', Number(token.text));
    }
    if (token.kind === 'text') return literal('string', token.text);
    if (token.kind === 'word') {
      if (/^(true|false)$/i.test(token.text)) return literal('bool', token.text.toLowerCase() === 'true');
      if (/^null$/i.test(token.text)) return literal('null', null);
      if (isSymbol('(')) return call(token.text.toLowerCase(), list());
    }
    const type = columns[token.text];
    if (type === undefined) throw new Error(`unknown column "${token.text}" in: ${sql}`);
    return { type, evaluate: (row) => row[token.text] ?? null };
  }
  function caseWhen(): Expression {
    const conditions: Expression[] = [];
    const results: Expression[] = [];
    while (accept('WHEN')) {
      conditions.push(or());
      expect('THEN');
      results.push(or());
    }
    results.push(accept('ELSE') ? or() : literal('null', null));
    expect('END');
    const [type, branches] = alike(results);
    const evaluate = (row: Row) => {
      const hit = conditions.findIndex((condition) => condition.evaluate(row) === true);
      return itemAt(branches, hit < 0 ? conditions.length : hit).evaluate(row);
    };
    return { type, evaluate };
  }

  const parsed = or();
  if (next().kind !== 'end') throw new Error(`unexpected "${next().text}" in: ${sql}`);
  return parsed;
}

const literal = (type: string, value: Value): Expression => ({ type, evaluate: () => value });

function negation(inner: Expression): Expression {
  const evaluate = (row: Row) => {
    const value = inner.evaluate(row);
    return value === null ? null : value !== true;
  };
  return { type: 'bool', evaluate };
}

function disjunction(left: Expression, right: Expression): Expression {
  const evaluate = (row: Row) => {
    const values = [left.evaluate(row), right.evaluate(row)];
    return values.includes(true) ? true : values.includes(null) ? null : false;
  };
  return { type: 'bool', evaluate };
}

function comparison(symbol: string, a: Expression, b: Expression): Expression {
  const [left, right] = alike([a, b])[1] as [Expression, Expression];
  const evaluate = (row: Row) => {
    const [x, y] = [left.evaluate(row), right.evaluate(row)];
    if (x === null || y === null) return null;
    const order = compareValues(x, y);
    if (symbol === '=') return order === 0;
    if (symbol === '<>' || symbol === '!=') return order !== 0;
    if (symbol === '<') return order < 0;
    if (symbol === '<=') return order <= 0;
    return symbol === '>' ? order > 0 : order >= 0;
  };
  return { type: 'bool', evaluate };
}

function arithmetic(symbol: string, left: Expression, right: Expression): Expression {
  const float = symbol === '/' || isFloat(left.type) || isFloat(right.type);
  const evaluate = (row: Row) => {
    const [a, b] = [left.evaluate(row), right.evaluate(row)];
    if (a === null || b === null) return null;
    if (float) return floatArithmetic(symbol, Number(a), Number(b));
    const [x, y] = [a as bigint, b as bigint];
    return int64(symbol === '+' ? x + y : symbol === '-' ? x - y : x * y);
  };
  return { type: float ? 'float64' : 'int64', evaluate };
}

function floatArithmetic(symbol: string, x: number, y: number): number | null {
  if (symbol === '/') return y === 0 ? null : finite(x / y);
  return finite(symbol === '+' ? x + y : symbol === '-' ? x - y : x * y);
}

function int64(x: bigint): bigint {
  if (x !== BigInt.asIntN(64, x)) throw new ExpressionFault(`int64 overflow: ${x}`);
  return x;
}

/** Brings branches or operands to one type: int and float meet in float64. */
function alike(items: readonly Expression[]): [string, Expression[]] {
  const types = items.map((item) => item.type).filter((type) => type !== 'null');
  const mixed = types.some(isFloat) && types.some(isInteger);
  const toFloat = (item: Expression): Expression => ({
    type: 'float64',
    evaluate: (row) => {
      const value = item.evaluate(row);
      return value === null ? null : Number(value);
    },
  });
  if (mixed) return ['float64', items.map(toFloat)];
  return [types.includes('int64') ? 'int64' : (types[0] ?? 'null'), [...items]];
}

const LOGARITHMS: Readonly<Record<string, (x: number) => number>> = {
  ln: Math.log,
  log: Math.log10,
  log10: Math.log10,
  log2: Math.log2,
};

function call(name: string, args: readonly Expression[]): Expression {
  const [type, same] = alike(args);
  const first = itemAt(args, 0);
  const ofFirst = (result: string, compute: (value: NonNullable<Value>) => Value): Expression => ({
    type: result,
    evaluate: (row) => {
      const value = first.evaluate(row);
      return value === null ? null : compute(value);
    },
  });
  if (name === 'coalesce') {
    const evaluate = (row: Row) => {
      for (const item of same) {
        const value = item.evaluate(row);
        if (value !== null) return value;
      }
      return null;
    };
    return { type, evaluate };
  }
  if (name === 'nullif') {
    const equal = comparison('=', first, itemAt(args, 1));
    return { type: first.type, evaluate: (row) => (equal.evaluate(row) ? null : first.evaluate(row)) };
  }
  const logarithm = LOGARITHMS[name];
  if (logarithm !== undefined) return ofFirst('float64', (x) => (Number(x) > 0 ? logarithm(Number(x)) : null));
  if (name === 'length') return ofFirst('int64', (text) => BigInt([...(text as string)].length));
  if (name === 'abs')
    return ofFirst(type, (x) => (typeof x === 'bigint' ? int64(x < 0n ? -x : x) : Math.abs(x as number)));
  if (name === 'lower') return ofFirst('string', (text) => (text as string).replace(/[A-Z]/g, (c) => c.toLowerCase()));
  if (name === 'upper') return ofFirst('string', (text) => (text as string).replace(/[a-z]/g, (c) => c.toUpperCase()));
  throw new Error(`the oracle does not know the function ${name}`);
}
