// Why an expression is refused. Thrown inside typing/ only: typeExpression turns it into a mistake.
import type { ExpressionMistake } from '../../catalog/expression.ts';

export class Refusal extends Error implements ExpressionMistake {
  readonly found: string;
  readonly expected: string;
  readonly nearest: string | null;

  constructor(found: string, expected: string, nearest: string | null = null) {
    super(`${found}: expected ${expected}`);
    this.found = found;
    this.expected = expected;
    this.nearest = nearest;
  }
}
