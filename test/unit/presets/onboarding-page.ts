/*
 * Reads the text of the onboarding page (seed 002). Shares nothing with the product but the names of data types in the
 * page's own spelling, and remembers each line that it could not place.
 */

type Cell = { flow: string; marked: boolean };
type LookbackLine = { dataType: string; amount: number; unit: string; whenPossible: boolean };

export type PageSection = {
  title: string;
  about: string[];
  notes: string[];
  cells: Record<string, { import: Cell; export: Cell }>;
  footnotes: string[];
  lookbacks: LookbackLine[];
};

export type OnboardingPage = { presets: PageSection[]; steps: { number: number; title: string }[]; unread: string[] };

const cellText = String.raw`(?:Yes|No|When available)(?: \(when applicable\))?\*?`;
const row = new RegExp(`^(Orders|Products|Stock|Shipments|Organisations|Contacts|Checkouts|Activities) (${cellText}) (${cellText})$`);
const lookback = /^\s*• (\w+): (\d+) (day|year)s?( \(when possible\))?$/;
const step = /^\s*(\d)\. (.+)$/;
/** Headings and sentences that are the same in each section or introduce the page. */
const furniture = [
  /^Onboarding presets$/, /^This page explains the presets available in Spotler Connect/, /^Available data$/,
  /^Data Type Import to Connect Export from Connect to Platform$/,
  /^When a connector with this preset is activated, the period the connector will refer back to for its first import is:$/,
  /^When setting up your account and creating your connectors, please keep to the following order:$/,
  /^It’s essential to connect an e-fulfilment system first\./, /^If e-fulfilment is added later in this setup, please contact Connect Support/,
];

const flowByText: Readonly<Record<string, string>> = {
  Yes: 'yes', No: 'no', 'When available': 'when-available', 'Yes (when applicable)': 'when-applicable',
};

function readCell(text: string): Cell {
  const marked = text.endsWith('*');
  return { flow: flowByText[marked ? text.slice(0, -1) : text] ?? `unknown cell: ${text}`, marked };
}

function readSectionLine(section: PageSection, line: string, afterNote: boolean): boolean {
  const [, type, taken, sent] = row.exec(line) ?? [];
  const [, backType, amount, unit, whenPossible] = lookback.exec(line) ?? [];
  const tableBegan = Object.keys(section.cells).length > 0;
  if (type && taken && sent) section.cells[type.toLowerCase()] = { import: readCell(taken), export: readCell(sent) };
  else if (backType) section.lookbacks.push({ dataType: backType.toLowerCase(), amount: Number(amount), unit: `${unit}s`, whenPossible: whenPossible !== undefined });
  else if (line.startsWith('*')) section.footnotes.push(line);
  else if (afterNote) section.notes.push(line);
  else if (!tableBegan) section.about.push(line);
  else return false;
  return true;
}

/** Reads the page; `titles` are the headings that begin a section. */
export function parseOnboardingPage(text: string, titles: readonly string[]): OnboardingPage {
  const page: OnboardingPage = { presets: [], steps: [], unread: [] };
  let section: PageSection | undefined;
  let afterNote = false;
  for (const line of text.split('\n').map((raw) => raw.trimEnd()).filter((raw) => raw !== '')) {
    const [, number, title] = step.exec(line) ?? [];
    if (titles.includes(line)) page.presets.push(section = { title: line, about: [], notes: [], cells: {}, footnotes: [], lookbacks: [] });
    else if (line === 'Order of connectors') section = undefined;
    else if (section === undefined && number && title) page.steps.push({ number: Number(number), title });
    else if (line !== 'Please note' && !furniture.some((known) => known.test(line)) && !(section && readSectionLine(section, line, afterNote))) page.unread.push(line);
    afterNote = line === 'Please note';
  }
  return page;
}
