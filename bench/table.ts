import Table from 'cli-table3';
import { meetsBar, rounded, type BenchResult } from './result.ts';

const shown = (value: number | undefined, unit: string): string => (value === undefined ? '' : `${rounded(value).toLocaleString('en-GB')} ${unit}`.trim());

const verdicts: Readonly<Record<string, string>> = { true: 'met', false: 'missed' };

/** The results for a terminal. */
export function tableOf(results: readonly BenchResult[]): string {
  const table = new Table({ head: ['what', 'measured', 'raw ceiling', 'ratio', 'bar', 'aim', ''], style: { head: [], border: [] } });
  for (const result of results) {
    const { ceiling, value, unit } = result;
    const ratio = ceiling === undefined ? '' : `${Math.round((result.smallerIsBetter === true ? ceiling / value : value / ceiling) * 100)} %`;
    table.push([result.what, shown(value, unit), shown(ceiling, unit), ratio, shown(result.bar, ''), shown(result.aim, ''), verdicts[String(meetsBar(result))] ?? '']);
  }
  return table.toString();
}
