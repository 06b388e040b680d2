// k6/metrics: custom metrics.
import { addSample, declareMetric } from '../recording.ts';
import type { MetricType } from '../report.ts';

class CustomMetric {
  readonly name: string;
  readonly #type: MetricType;

  constructor(name: string, type: MetricType) {
    this.name = name;
    this.#type = type;
    declareMetric(name, type);
  }

  add(value: number | boolean): void {
    addSample(this.name, this.#type, Number(value));
  }
}

export class Counter extends CustomMetric {
  constructor(name: string) {
    super(name, 'counter');
  }
}
export class Gauge extends CustomMetric {
  constructor(name: string) {
    super(name, 'gauge');
  }
}
export class Rate extends CustomMetric {
  constructor(name: string) {
    super(name, 'rate');
  }
}
export class Trend extends CustomMetric {
  constructor(name: string, _isTime = false) {
    super(name, 'trend');
  }
}
export default { Counter, Gauge, Rate, Trend };
