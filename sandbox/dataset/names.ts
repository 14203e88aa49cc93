/**
 * Invented words that the people, places and addresses of the data set are put together from. No entry is taken from a
 * register of real people or places. Each given name stands with the ASCII form that its owner uses in e-mail addresses.
 */
export type GivenName = { text: string; ascii: string };

const given = (text: string, ascii: string): GivenName => ({ text, ascii });

/** Given names that are plain ASCII. */
export const PLAIN_GIVEN: readonly GivenName[] = [
  'Averil', 'Brindley', 'Carrow', 'Delphy', 'Ennis', 'Fenella', 'Garrick', 'Hesper', 'Isolde', 'Jessamy', 'Kerrin',
  'Lorcan', 'Merrin', 'Nerys', 'Orrin', 'Petra', 'Quenby', 'Rowena', 'Senna', 'Tamsin', 'Ulric', 'Verity', 'Wystan',
  'Yorath', 'Zella', 'Anouk', 'Bram', 'Corisande', 'Darragh', 'Elowen',
].map((name) => given(name, name.toLowerCase()));

/** Given names with accents, Welsh, Polish and other letters (all in composed form, NFC). */
export const ACCENTED_GIVEN: readonly GivenName[] = [
  given('Zoë', 'zoe'), given('Renée', 'renee'), given('Siân', 'sian'), given('Llŷr', 'llyr'), given('Gŵenllian', 'gwenllian'),
  given('Łucja', 'lucja'), given('Żaneta', 'zaneta'), given('Świętosława', 'swietoslawa'), given('Jürgen', 'jurgen'),
  given('Søren', 'soren'), given('Çağla', 'cagla'), given('Núria', 'nuria'), given('Anaïs', 'anais'), given('Þóra', 'thora'),
];

/** Given names in Chinese, Japanese and Korean letters. */
export const CJK_GIVEN: readonly GivenName[] = [
  given('月雫', 'yuedi'), given('星羽', 'xingyu'), given('さくな', 'sakuna'), given('ミナセ', 'minase'), given('하람새', 'haramsae'),
];

/** First halves of surnames, ASCII. */
export const SURNAME_HEADS = [
  'Ash', 'Bracken', 'Cold', 'Dun', 'Elder', 'Fallow', 'Gorse', 'Harrow', 'Ink', 'Jarrow', 'Kestle', 'Lark', 'Marl', 'Nether',
  'Otter', 'Peat', 'Quill', 'Rush', 'Sedge', 'Thistle', 'Under', 'Vetch', 'Withy', 'Yarrow',
] as const;

/** Second halves of surnames, ASCII. */
export const SURNAME_TAILS = ['mere', 'wick', 'combe', 'thwaite', 'bourne', 'ley', 'stow', 'garth', 'den', 'holt'] as const;

/** Whole surnames with other letters, an apostrophe, a hyphen or several words. */
export const ODD_SURNAMES: readonly GivenName[] = [
  given('Ap Rhyddallt', 'aprhyddallt'), given('Wiśniogórska', 'wisniogorska'), given("O'Quillane", 'oquillane'),
  given('van der Plasweide', 'vanderplasweide'), given('Müllerstätt', 'mullerstatt'), given('Brækkedal', 'braekkedal'),
  given('Dŵrfelin-Hâf', 'dwrfelin.haf'), given('Peñalverde', 'penalverde'), given('de la Tourelière', 'delatoureliere'),
];

/** Mail domains, plain ASCII. */
export const PLAIN_DOMAINS = [
  'post.example', 'mailroom.example', 'letters.test', 'hearth.example', 'inbox.test', 'mail.orchard.example', 'sub.mail.quay.test',
] as const;

/** Internationalised mail domains: the Unicode form and the ASCII form (RFC 3492), worked out once and kept as a constant. */
export const IDN_DOMAINS: readonly { unicode: string; ascii: string }[] = [
  { unicode: 'bücherpost.example', ascii: 'xn--bcherpost-q9a.example' },
  { unicode: 'tŷpost.example', ascii: 'xn--tpost-nhb.example' },
  { unicode: 'łąka.test', ascii: 'xn--ka-ola7v.test' },
  { unicode: '例え郵便.test', ascii: 'xn--r8jz45grea718w.test' },
];

/** Invented British towns and postcode areas (none of these areas is allocated). */
export const BRITISH_TOWNS = ['Oakwold', 'Marrowby', 'Little Fenning', 'Llanfarrow', 'Quernmouth', 'Upper Thistle'] as const;
export const BRITISH_AREAS = ['JX', 'QV', 'VX', 'XQ', 'ZZ', 'Q'] as const;
export const BRITISH_STREETS = ['Larkrise Lane', 'Kiln Row', 'St Orrin Road', 'Weavers Yard', 'Gorse Hill'] as const;
export const COUNTIES = ['Marrowshire', 'Fennland', ''] as const;

/** Invented Dutch towns and streets. */
export const DUTCH_TOWNS = ['Plasweide', 'Nieuw-Rietdam', 'Oudekreek'] as const;
export const DUTCH_STREETS = ['Rietkade', 'Molenpad', 'Veenlaan'] as const;

/** Values of the remaining fields of a prospect card. */
export const TITLES = ['Ms', 'Mr', 'Mx', 'Dr', ''] as const;
export const DEVELOPMENTS = ['OAKW', 'KILN', 'FENN', 'QUAY'] as const;
export const SOURCES = ['WEB', 'PORTAL', 'VISIT', 'PHONE'] as const;
export const INTEREST_LEVELS = ['HOT', 'WARM', 'COLD'] as const;
export const SALES_ADVISERS = ['JS', 'MK', 'RT'] as const;
